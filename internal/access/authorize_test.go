package access

import (
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

var grants = []oriel.Group{
	{Key: "a", Collections: map[string]oriel.CollectionGrant{"one": oriel.GrantView}, Sources: map[string]oriel.SourceGrant{"data": oriel.GrantRun}},
	{Key: "b", Collections: map[string]oriel.CollectionGrant{"two": oriel.GrantCurate, "odd": "none"}, Sources: map[string]oriel.SourceGrant{"odd": "none"}},
	{Key: "c", Collections: map[string]oriel.CollectionGrant{"three": oriel.GrantView}, Sources: map[string]oriel.SourceGrant{"other": oriel.GrantNative}},
	{Key: oriel.GroupAdministrators},
}

func TestViewCollection_grantsAddUpOverTheGroups(t *testing.T) {
	for collection, want := range map[string]oriel.Code{
		"one": "", "two": "", "three": oriel.CodeNotFound, "odd": oriel.CodeNotFound, "nowhere": oriel.CodeNotFound, "": oriel.CodeNotFound,
	} {
		if got := oriel.CodeOf(ViewCollection(principal(nil), grants, collection)); got != want {
			t.Errorf("%q: %q, want %q", collection, got, want)
		}
	}
	nobody := oriel.NewPrincipal(oriel.User{ID: "usr_1"}, oriel.SessionEmbed)
	if got := oriel.CodeOf(ViewCollection(nobody, grants, "one")); got != oriel.CodeNotFound {
		t.Errorf("in no group: %q", got)
	}
	if got := oriel.CodeOf(ViewCollection(oriel.Principal{}, grants, "one")); got != oriel.CodeNotAuthenticated {
		t.Errorf("nobody: %q", got)
	}
}

func TestView_hiddenAndMissingAreAlike(t *testing.T) {
	hidden, missing := View(principal(nil), grants, "three", true), View(principal(nil), grants, "one", false)
	if hidden == nil || missing == nil || hidden.Error() != missing.Error() || oriel.CodeOf(missing) != oriel.CodeNotFound {
		t.Errorf("hidden: %v, missing: %v", hidden, missing)
	}
	if err := View(principal(nil), grants, "one", true); err != nil {
		t.Errorf("what may be seen: %v", err)
	}
	if err := View(oriel.Principal{}, grants, "one", false); oriel.CodeOf(err) != oriel.CodeNotAuthenticated {
		t.Errorf("nobody: %v", err)
	}
}

func TestRunSource_grantsAddUpOverTheGroups(t *testing.T) {
	for source, want := range map[string]oriel.Code{
		"data": "", "other": oriel.CodeForbidden, "odd": oriel.CodeForbidden, "nowhere": oriel.CodeForbidden,
	} {
		if got := oriel.CodeOf(RunSource(principal(nil), grants, source)); got != want {
			t.Errorf("%q: %q, want %q", source, got, want)
		}
	}
	if got := oriel.CodeOf(RunSource(oriel.Principal{}, grants, "data")); got != oriel.CodeNotAuthenticated {
		t.Errorf("nobody: %q", got)
	}
}

func TestReadContent(t *testing.T) {
	user := oriel.User{ID: "usr_a", Groups: []oriel.GroupKey{"operators"}}
	group := oriel.User{Groups: []oriel.GroupKey{"operators"}}
	key := func(user oriel.User, page bool, scopes ...oriel.Scope) oriel.Principal {
		return oriel.NewKeyPrincipal(user, oriel.APIKey{ID: "key_a", Scopes: scopes}, page)
	}
	const read, embed = oriel.ScopeContentRead, oriel.ScopeEmbedRead
	for name, c := range map[string]struct {
		p    oriel.Principal
		want oriel.Code
	}{
		"nobody":                               {oriel.Principal{}, oriel.CodeNotAuthenticated},
		"a session":                            {oriel.NewPrincipal(user, oriel.SessionEmbed), ""},
		"a user's key":                         {key(user, false, read), ""},
		"a user's key on a developer's page":   {key(user, true, read), ""},
		"that may embed":                       {key(user, false, embed), oriel.CodeScopeDenied},
		"that may embed, on such a page":       {key(user, true, embed), ""},
		"a group's key":                        {key(group, false, read, embed), oriel.CodeAPIKeyNotForProduction},
		"a group's key on a developer's page":  {key(group, true, read), ""},
		"a group's key that may embed, there":  {key(group, true, embed), ""},
		"a key of administration":              {key(user, false, oriel.ScopeAdmin), oriel.CodeScopeDenied},
		"a key of administration on that page": {key(user, true, oriel.ScopeAdmin), oriel.CodeScopeDenied},
		"a key without any scope":              {key(user, true), oriel.CodeScopeDenied},
	} {
		if got := oriel.CodeOf(ReadContent(c.p)); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		groups := []oriel.Group{{Key: "operators", Collections: map[string]oriel.CollectionGrant{"c": oriel.GrantView}}}
		if got := oriel.CodeOf(ViewCollection(c.p, groups, "c")); got != c.want {
			t.Errorf("%s views: got %q, want %q", name, got, c.want)
		}
	}
}
