package access

import (
	"maps"
	"slices"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// NativeUser is what a source's own row security may read of the principal.
// What it told to a source is in the fingerprint of [Decisions], all of it, since
// nobody knows what that row security reads.
type NativeUser struct {
	ID               oriel.UserID // "" for nobody's: a group's API key, the operator
	Email            string
	Tenant           oriel.TenantSlug
	Groups           []oriel.GroupKey
	Attributes       oriel.Attributes
	TenantAttributes oriel.Attributes
}

// NativeOf is what the source is told of the principal; nil when it is told
// nothing.
func NativeOf(src oriel.Source, p oriel.Principal) *NativeUser {
	if !src.NativeSecurity {
		return nil
	}
	user := p.User()
	return &NativeUser{
		ID: user.ID, Email: user.Email, Tenant: user.Tenant, Groups: user.Groups,
		Attributes: user.Attributes, TenantAttributes: user.AttributesFrom.Tenant,
	}
}

// native tells every value apart, whatever the source's row security reads.
func (e *encoder) native(n *NativeUser) {
	if e.flag(n != nil); n == nil {
		return
	}
	e.text(string(n.ID))
	e.text(n.Email)
	e.text(string(n.Tenant))
	e.count('G', len(n.Groups))
	for _, group := range n.Groups {
		e.text(string(group))
	}
	for _, attributes := range []oriel.Attributes{n.Attributes, n.TenantAttributes} {
		e.count('N', len(attributes))
		for _, name := range slices.Sorted(maps.Keys(attributes)) {
			e.text(name)
			value := attributes[name]
			e.flag(value.List)
			e.count('W', len(value.Values))
			for _, v := range value.Values {
				e.text(v)
			}
		}
	}
}
