package oriel

import "time"

// UserFilter narrows a listing of users; empty fields narrow nothing.
type UserFilter struct {
	EmailPrefix string // as [EmailKey] writes it
	Tenant      TenantSlug
	Group       GroupKey // one that is stored: everybody is in all users
	Provider    string   // slug: an identity of the user is of it
}

// UserDetail is all that is kept of a user.
type UserDetail struct {
	User          User // without effective attributes
	Created       time.Time
	Administrator Attributes
	SignIn        map[string]Attributes // by the provider's id
	Tenant        Attributes
	Identities    []LinkedIdentity
}

// UserChange is what an administrator changes of a user; nil fields stay.
type UserChange struct {
	FirstName, LastName *string
	Active              *bool
	Attributes          AttributeChange
}

// TenantChange is what an administrator changes of a tenant; nil fields stay.
type TenantChange struct {
	Name       *string
	Active     *bool
	Attributes AttributeChange
	Origins    *[]Origin // pointing at nil: the tenant has none of its own any more
	TimeZone   *TimeZone // pointing at none: the site's holds again
	Quotas     *Quotas
}

// AttributeChange sets attributes by name, and takes those away that are nil.
type AttributeChange map[string]*AttributeValue

// On gives the attributes as the change leaves them.
func (c AttributeChange) On(attributes Attributes) Attributes {
	next := make(Attributes, len(attributes)+len(c))
	for name, value := range attributes {
		next[name] = value
	}
	for name, value := range c {
		if value == nil {
			delete(next, name)
			continue
		}
		next[name] = *value
	}
	return next
}

// GroupChange is what an administrator changes of a group; nil fields stay, and
// an empty grant takes one away.
type GroupChange struct {
	Name        *string
	Collections map[string]CollectionGrant
	Sources     map[string]SourceGrant
	Download    *DownloadGrant
	Scopes      *[]Scope
}
