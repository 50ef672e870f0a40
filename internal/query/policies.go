package query

import (
	"sync/atomic"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// policies keeps those of the newest declaration as they were read, so that
// each is parsed once and found without looking at the others, and the versions
// of what it declares.
type policies struct {
	now atomic.Pointer[readDeclaration]
}

type readDeclaration struct {
	declaration *oriel.Declaration
	policies    *access.Policies
	versions    versions
}

// of gives the policies of a declaration, which nobody changes.
func (p *policies) of(d *oriel.Declaration) *access.Policies { return p.read(d).policies }

func (p *policies) read(d *oriel.Declaration) *readDeclaration {
	if current := p.now.Load(); current != nil && current.declaration == d {
		return current
	}
	read := &readDeclaration{declaration: d, policies: access.ReadPolicies(d.Sources, d.Models, d.Policies)}
	p.now.Store(read)
	return read
}
