package access_test

import (
	"math"
	"testing"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

func TestDownloadRows_addUp(t *testing.T) {
	groups := []oriel.Group{{Key: "a"}, {Key: "b", Download: oriel.DownloadLimited}, {Key: "c", Download: oriel.DownloadFull}}
	for _, c := range []struct {
		in   []oriel.GroupKey
		kind oriel.SessionKind
		want int
		code oriel.Code
	}{
		{nil, oriel.SessionEmbed, 0, oriel.CodeForbidden},
		{[]oriel.GroupKey{"a"}, oriel.SessionEmbed, 0, oriel.CodeForbidden},
		{[]oriel.GroupKey{"a", "b"}, oriel.SessionEmbed, 10_000, ""},
		{[]oriel.GroupKey{"b", "c"}, oriel.SessionEmbed, math.MaxInt, ""},
		{[]oriel.GroupKey{"b", "c"}, oriel.SessionViewAs, 0, oriel.CodeForbidden},
	} {
		got, err := access.DownloadRows(oriel.NewPrincipal(oriel.User{ID: "usr_a", Groups: c.in}, c.kind), groups)
		if got != c.want || oriel.CodeOf(err) != c.code {
			t.Errorf("%v in a session of kind %s: %d, %v", c.in, c.kind, got, err)
		}
	}
	if _, err := access.DownloadRows(oriel.Principal{}, groups); oriel.CodeOf(err) != oriel.CodeNotAuthenticated {
		t.Errorf("nobody: %v", err)
	}
}

// TestWriteSQL_isNotHadInAnEmbedSession: unless the provider of that very
// session allows it too.
func TestWriteSQL_isNotHadInAnEmbedSession(t *testing.T) {
	d := &oriel.Declaration{
		Groups: []oriel.Group{
			{Key: "natives", Sources: map[string]oriel.SourceGrant{"airports": oriel.GrantNative}},
			{Key: "explorers", Sources: map[string]oriel.SourceGrant{"airports": oriel.GrantExplore}},
		},
		Providers: []oriel.Provider{{ID: "prv_open", Native: true}, {ID: "prv_closed"}, {Native: true}},
	}
	for _, c := range []struct {
		group    oriel.GroupKey
		kind     oriel.SessionKind
		provider string
		code     oriel.Code
	}{
		{"natives", oriel.SessionEmbed, "prv_open", ""},
		{"natives", oriel.SessionEmbed, "prv_closed", oriel.CodeForbidden},
		{"natives", oriel.SessionEmbed, "prv_gone", oriel.CodeForbidden},
		{"natives", oriel.SessionEmbed, "", oriel.CodeForbidden},
		{"natives", oriel.SessionBackend, "prv_closed", oriel.CodeForbidden},
		{"natives", oriel.SessionBackend, "prv_open", ""},
		{"natives", oriel.SessionInteractive, "prv_closed", ""},
		{"natives", oriel.SessionViewAs, "prv_open", oriel.CodeForbidden},
		{"natives", "another", "prv_open", oriel.CodeForbidden},
		{"explorers", oriel.SessionEmbed, "prv_open", oriel.CodeForbidden},
		{"explorers", oriel.SessionInteractive, "prv_open", oriel.CodeForbidden},
	} {
		p := oriel.NewPrincipal(oriel.User{ID: "usr_a", Groups: []oriel.GroupKey{c.group}}, c.kind).VouchedBy(c.provider)
		if err := access.WriteSQL(p, d, "airports"); oriel.CodeOf(err) != c.code {
			t.Errorf("%s in a session of kind %s of %q: %v", c.group, c.kind, c.provider, err)
		}
		if err := access.WriteSQL(p, d, "other"); oriel.CodeOf(err) != oriel.CodeForbidden {
			t.Errorf("another source: %v", err)
		}
		if err := access.ExploreSource(p, d.Groups, "airports"); err != nil {
			t.Errorf("exploring: %v", err)
		}
	}
	if err := access.WriteSQL(oriel.Principal{}, d, "airports"); oriel.CodeOf(err) != oriel.CodeNotAuthenticated {
		t.Errorf("nobody: %v", err)
	}
}

func TestCurateCollection(t *testing.T) {
	groups := []oriel.Group{
		{Key: "curators", Collections: map[string]oriel.CollectionGrant{"one": oriel.GrantCurate}},
		{Key: "readers", Collections: map[string]oriel.CollectionGrant{"one": oriel.GrantView}},
	}
	for _, c := range []struct {
		group oriel.GroupKey
		kind  oriel.SessionKind
		code  oriel.Code
	}{
		{"curators", oriel.SessionInteractive, ""}, {"readers", oriel.SessionInteractive, oriel.CodeForbidden},
		{"others", oriel.SessionInteractive, oriel.CodeNotFound}, {"curators", oriel.SessionViewAs, oriel.CodeForbidden},
	} {
		p := oriel.NewPrincipal(oriel.User{ID: "usr_a", Groups: []oriel.GroupKey{c.group}}, c.kind)
		if err := access.CurateCollection(p, groups, "one"); oriel.CodeOf(err) != c.code {
			t.Errorf("%s in a session of kind %s: %v", c.group, c.kind, err)
		}
	}
}
