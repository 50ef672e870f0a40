package query

import (
	"sync/atomic"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// policies keeps those of the newest declaration as they were read, so that
// each is parsed once and found without looking at the others.
type policies struct {
	now atomic.Pointer[readDeclaration]
}

type readDeclaration struct {
	declaration *oriel.Declaration
	policies    *access.Policies
}

// of gives the policies of a declaration, which nobody changes.
func (p *policies) of(d *oriel.Declaration) *access.Policies {
	if current := p.now.Load(); current != nil && current.declaration == d {
		return current.policies
	}
	read := &readDeclaration{d, access.ReadPolicies(d.Sources, d.Models, d.Policies)}
	p.now.Store(read)
	return read.policies
}
