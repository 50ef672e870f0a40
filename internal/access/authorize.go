package access

import "github.com/oriel-bi/oriel/internal/oriel"

// ReadContent tells whether the principal may ask for content at all. A session
// may; an API key needs content:read, and is a server's: one that is bound to a
// group, which is nobody in particular, reads only for a page of this machine in
// dev mode, where embed:read is enough (sign-in contract §8). Errors:
// api_key_not_for_production, scope_denied; not_authenticated for the zero
// principal.
func ReadContent(p oriel.Principal) error {
	switch {
	case p.IsZero():
		return oriel.E(oriel.CodeNotAuthenticated, "Nobody is signed in.")
	case p.APIKey() == "":
		return nil
	case p.User().ID == "" && !p.OnDevPage():
		return &oriel.Error{Code: oriel.CodeAPIKeyNotForProduction}
	case p.Holds(oriel.ScopeContentRead), p.OnDevPage() && p.Holds(oriel.ScopeEmbedRead):
		return nil
	}
	return &oriel.Error{Code: oriel.CodeScopeDenied}
}

// ViewCollection tells whether the principal may see what a collection holds:
// grants add up over the principal's groups (access §2). Errors: not_found
// when not, since what one may not see does not exist; else as [ReadContent].
func ViewCollection(p oriel.Principal, groups []oriel.Group, collection string) error {
	if err := ReadContent(p); err != nil {
		return err
	}
	for _, g := range groups {
		grant := g.Collections[collection]
		if (grant == oriel.GrantView || grant == oriel.GrantCurate) && p.In(g.Key) {
			return nil
		}
	}
	return oriel.E(oriel.CodeNotFound, "There is nothing here by this name.")
}

// View is [ViewCollection] for one thing of a collection that was looked up:
// what isn't there and what may not be seen have one answer.
func View(p oriel.Principal, groups []oriel.Group, collection string, found bool) error {
	if !found {
		return ViewCollection(p, nil, "")
	}
	return ViewCollection(p, groups, collection)
}

// RunSource tells whether the principal may run saved content on a source
// (access §2). Errors: forbidden when not; not_authenticated for the zero
// principal. Ask [ViewCollection] first, which hides what must not be seen.
func RunSource(p oriel.Principal, groups []oriel.Group, source string) error {
	if p.IsZero() {
		return oriel.E(oriel.CodeNotAuthenticated, "Nobody is signed in.")
	}
	for _, g := range groups {
		switch g.Sources[source] {
		case oriel.GrantRun, oriel.GrantExplore, oriel.GrantNative:
			if p.In(g.Key) {
				return nil
			}
		}
	}
	return oriel.E(oriel.CodeForbidden, "None of this user's groups may run questions on this data source.")
}
