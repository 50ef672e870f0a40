package directory

import (
	"context"
	"fmt"
	"slices"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// ChangePermissions changes what a group may do: the cells that are named, and
// no other; an empty grant takes one away. What a declaration says of a group
// replaces it as a whole when it is applied the next time. Nobody gives a scope
// that they don't hold, nor native to a group that claims may name without
// having it. Errors: not_authenticated; scope_denied; invalid_request with the
// field; not_found.
func (d *People) ChangePermissions(ctx context.Context, p oriel.Principal, key oriel.GroupKey, c oriel.GroupChange) (oriel.Group, error) {
	if err := access.Require(p, oriel.ScopeAdminAccess); err != nil {
		return oriel.Group{}, err
	}
	declared := d.options.Declared()
	group, err := d.group(key)
	if err != nil {
		return oriel.Group{}, err
	}
	c.Name = nil
	if err := checkCells(declared, group, c); err != nil {
		return oriel.Group{}, err
	}
	if err := mayGive(p, declared, group, c); err != nil {
		return oriel.Group{}, err
	}
	if err := d.options.Store.UpdateGroup(ctx, p.Who(), key, c); err != nil {
		return oriel.Group{}, err
	}
	return d.group(key)
}

// mayGive holds the change to what the principal holds (access contract §2).
func mayGive(p oriel.Principal, d *oriel.Declaration, group oriel.Group, c oriel.GroupChange) error {
	if c.Scopes != nil {
		var given []oriel.Scope
		for _, scope := range *c.Scopes {
			if !slices.Contains(group.Scopes, scope) {
				given = append(given, scope)
			}
		}
		if err := access.GiveScopes(p, given); err != nil {
			return err
		}
	}
	if !access.OpenedToClaims(d, group.Key) {
		return nil
	}
	for source, grant := range c.Sources {
		if grant != oriel.GrantNative || group.Sources[source] == oriel.GrantNative {
			continue
		}
		if err := access.GiveNative(p, d, source); err != nil {
			return err
		}
	}
	return nil
}

func checkCells(d *oriel.Declaration, group oriel.Group, c oriel.GroupChange) error {
	for key, grant := range c.Collections {
		known := slices.ContainsFunc(d.Collections, func(one oriel.Collection) bool { return one.Key == key })
		if !known && (grant != "" || group.Collections[key] == "") {
			return oriel.WrongField("collections", fmt.Sprintf("There is no collection %q.", key))
		}
		if !slices.Contains([]oriel.CollectionGrant{"", oriel.GrantView, oriel.GrantCurate}, grant) {
			return oriel.WrongField("collections", "A collection's grant is none, view or curate.")
		}
	}
	for key, grant := range c.Sources {
		if _, known := d.Source(key); !known && (grant != "" || group.Sources[key] == "") {
			return oriel.WrongField("sources", fmt.Sprintf("There is no data source %q.", key))
		}
		if !slices.Contains([]oriel.SourceGrant{"", oriel.GrantRun, oriel.GrantExplore, oriel.GrantNative}, grant) {
			return oriel.WrongField("sources", "A data source's grant is none, run, explore or native.")
		}
	}
	if c.Download != nil && !slices.Contains([]oriel.DownloadGrant{"", oriel.DownloadLimited, oriel.DownloadFull}, *c.Download) {
		return oriel.WrongField("download", "The grant on downloads is none, limited or full.")
	}
	if c.Scopes == nil {
		return nil
	}
	if group.Key.BuiltIn() {
		return oriel.WrongField("scopes", "Administrators may do everything, and everybody may administer nothing: make a group for it.")
	}
	for i, scope := range *c.Scopes {
		if !slices.Contains(oriel.PartScopes(), scope) || slices.Contains((*c.Scopes)[:i], scope) {
			return oriel.WrongField("scopes", "A group's scopes are parts of administration, each once: who is to do everything is made an administrator.")
		}
	}
	return nil
}

// Permissions are what each group may do, and what there is to do it to.
type Permissions struct {
	Groups      []oriel.Group
	Collections []oriel.Collection
	Sources     []string
}

// Permissions tells the whole matrix. Errors: not_authenticated, scope_denied.
func (d *People) Permissions(_ context.Context, p oriel.Principal) (Permissions, error) {
	if err := access.Require(p, oriel.ScopeAdminAccess); err != nil {
		return Permissions{}, err
	}
	declared := d.options.Declared()
	matrix := Permissions{Groups: declared.Groups, Collections: declared.Collections}
	for _, source := range declared.Sources {
		matrix.Sources = append(matrix.Sources, source.Key)
	}
	return matrix, nil
}
