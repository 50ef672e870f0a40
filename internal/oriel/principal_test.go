package oriel_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

func TestEmailKey(t *testing.T) {
	for email, want := range map[string]string{
		" Dana@Example.COM\t":     "dana@example.com",
		"ÄRGER@example.com":       "ärger@example.com",
		"\u212aim@example.com":    "\u212aim@example.com", // KELVIN SIGN is no k
		"\u0130da@example.com":    "\u0130da@example.com", // dotted capital I is no i
		"":                        "",
		"dana+oriel@example.com":  "dana+oriel@example.com",
		"\u00a0dana@example.com ": "dana@example.com",
	} {
		if got := oriel.EmailKey(email); got != want {
			t.Errorf("%q: got %q, want %q", email, got, want)
		}
	}
}

func TestAttributeSets_administratorOverSignInOverTenant(t *testing.T) {
	all := func(value string, names ...string) oriel.Attributes {
		attributes := make(oriel.Attributes)
		for _, name := range names {
			attributes[name] = oriel.Text(value)
		}
		return attributes
	}
	sets := oriel.AttributeSets{
		Tenant: all("tenant", "a", "b", "c"), SignIn: all("sign-in", "a", "b"), Administrator: all("administrator", "a"),
	}
	effective := sets.Effective()
	for name, want := range map[string]string{"a": "administrator", "b": "sign-in", "c": "tenant"} {
		if got := effective[name].Values[0]; got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if len(sets.Tenant) != 3 || sets.Tenant["a"].Values[0] != "tenant" {
		t.Error("the sets were changed")
	}
}

func TestWithBuiltInGroups(t *testing.T) {
	stored := []oriel.GroupKey{"operators", oriel.GroupAdministrators}
	if got, want := oriel.WithBuiltInGroups(stored, ""), []oriel.GroupKey{"administrators", "all-users", "operators"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := oriel.WithBuiltInGroups(nil, "acme"), []oriel.GroupKey{"all-tenant-users", "all-users"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if stored[0] != "operators" {
		t.Error("the stored groups were changed")
	}
}

// A principal is as it was made, whatever happens to what it was made from.
func TestPrincipal_groupsDoNotChange(t *testing.T) {
	groups := []oriel.GroupKey{"operators", "guests"}
	p := oriel.NewPrincipal(oriel.User{ID: "usr_1", Groups: groups}, oriel.SessionEmbed)
	groups[0], groups[1] = oriel.GroupAdministrators, oriel.GroupAdministrators
	if p.In(oriel.GroupAdministrators) || !p.In("operators") || !p.In("guests") || p.In("planners") {
		t.Errorf("groups %v", p.User().Groups)
	}
	if (oriel.Principal{}).IsZero() != true || p.IsZero() || oriel.Operator().IsZero() {
		t.Error("who is nobody is told wrongly")
	}
}

func TestUser_nameFallsBackToTheEmail(t *testing.T) {
	for want, u := range map[string]oriel.User{
		"Dana Reyes": {FirstName: "Dana", LastName: "Reyes", Email: "d@example.com"},
		"Dana":       {FirstName: "Dana", Email: "d@example.com"}, "Reyes": {LastName: "Reyes", Email: "d@example.com"},
		"d@example.com": {Email: "d@example.com"},
	} {
		if got := u.Name(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestPrincipal_encodesItsUserOnce(t *testing.T) {
	calls := 0
	encode := func(u oriel.User) ([]byte, error) {
		calls++
		if calls == 1 {
			return nil, errors.New("refused")
		}
		return []byte(u.ID), nil
	}
	p := oriel.NewPrincipal(oriel.User{ID: "usr_1"}, oriel.SessionEmbed)
	if _, err := p.EncodedUser(encode); err == nil {
		t.Error("an error is not told")
	}
	for range 3 {
		if text, err := p.EncodedUser(encode); err != nil || string(text) != "usr_1" || calls != 2 {
			t.Errorf("%q, %v after %d calls", text, err, calls)
		}
	}
	other := oriel.NewPrincipal(oriel.User{ID: "usr_2"}, oriel.SessionEmbed)
	if text, err := other.EncodedUser(encode); err != nil || string(text) != "usr_2" {
		t.Errorf("another's is %q, %v", text, err)
	}
	if _, err := oriel.Operator().EncodedUser(encode); err != nil {
		t.Error(err)
	}
}
