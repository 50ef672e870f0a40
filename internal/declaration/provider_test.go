package declaration_test

import (
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/declaration"
	"github.com/oriel-bi/oriel/internal/oriel"
)

func settings(change map[string]any) map[string]any {
	all := map[string]any{"kind": "jwt", "issuer": "https://host.example", "sign_in_uri": "https://host.example/sso"}
	for name, value := range change {
		all[name] = value
		if value == nil {
			delete(all, name)
		}
	}
	return all
}

func readProvider(slug string, change map[string]any) (oriel.Provider, error) {
	return declaration.ReadProvider(slug, settings(change), []oriel.GroupKey{"operators"},
		declaration.Options{Origins: oriel.OriginOptions{SiteURL: "https://bi.example"}})
}

func TestReadProvider_isWhatAFileWouldDeclare(t *testing.T) {
	p, err := readProvider("apron", map[string]any{
		"groups":  map[string]any{"mode": "by-name", "opened": []string{"operators"}},
		"origins": []string{"https://APP.example:443"}, "tenants": map[string]any{"listed": []string{"1"}},
		"claims": map[string]any{"email": "yes"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if p.Slug != "apron" || !p.Enabled || p.Profile != oriel.ProfileStrict || len(p.Keys) != 0 || p.Claims.Email != "yes" ||
		p.Groups.Opened[0] != "operators" || p.Origins[0].String() != "https://app.example" || p.Tenants.Listed[0] != "1" {
		t.Errorf("the provider is %+v", p)
	}
}

func TestReadProvider_readsEveryWayIn(t *testing.T) {
	p, err := readProvider("apron", map[string]any{
		"profile": "compat", "issuer": nil, "backend_sessions": true, "legacy_exchange": true,
		"tenants": map[string]any{"own": "acme", "create": true},
	})
	if err != nil || !p.BackendSessions || !p.LegacyExchange || p.Tenants.Own != "acme" || !p.Tenants.Create {
		t.Errorf("the provider is %+v, %v", p, err)
	}
	if p, err = readProvider("apron", nil); err != nil || p.BackendSessions || p.LegacyExchange || p.Tenants.Own != "" {
		t.Errorf("with nothing said: %+v, %v", p, err)
	}
	p, err = readProvider("apron", map[string]any{"keys": []any{map[string]any{"kind": "jwks", "url": "https://host.example/keys"}}})
	if err != nil || p.Keys[0].Kind != oriel.KeyJWKS || p.Keys[0].URL != "https://host.example/keys" || len(p.Keys[0].Secret)+len(p.Keys[0].Public) > 0 {
		t.Errorf("the keys are %+v, %v", p.Keys, err)
	}
	if _, err := readProvider("apron", map[string]any{"keys": []any{map[string]any{"kind": "jwks", "url": "http://127.0.0.1:7431/keys"}}}); err != nil {
		t.Errorf("on this machine: %v", err)
	}
}

func TestReadProvider_refusesWhatAFileMayNotSay(t *testing.T) {
	secret := "a-secret-that-nobody-may-see-in-an-error"
	key := func(id, kind string) map[string]any { return map[string]any{"id": id, "kind": kind, "secret": secret} }
	for _, tt := range []struct {
		slug   string
		change map[string]any
		want   string
	}{
		{"Apron", nil, "Apron"},
		{"apron", map[string]any{"issuer": nil}, `the provider needs "issuer" with profile strict`},
		{"apron", map[string]any{"profile": "lax"}, "profile must be one of strict, compat"},
		{"apron", map[string]any{"sign_in_uri": nil}, `the provider needs "sign_in_uri"`},
		{"apron", map[string]any{"sign_in_uri": "ftp://x"}, "sign_in_uri must be an absolute"},
		{"apron", map[string]any{"audience": "x"}, "audience is always the site URL"},
		{"apron", map[string]any{"origins": []string{"http://localhost:1"}}, "loopback"},
		{"apron", map[string]any{"groups": map[string]any{"mode": "by-name", "opened": []string{"administrators"}}}, "built-in"},
		{"apron", map[string]any{"groups": map[string]any{"mode": "by-name", "opened": []string{"operatrs"}}}, `did you mean "operators"`},
		{"apron", map[string]any{"keys": []any{key("a", "hs256"), key("a", "hs256")}}, "another key"},
		{"apron", map[string]any{"keys": []any{key("a", "eddsa")}}, "public"},
		{"apron", map[string]any{"keys": []any{key("a", secret)}}, "kind must be one of"},
		{"apron", map[string]any{"keys": []any{key("1", "hs256"), key("2", "hs256"), key("3", "hs256"), key("4", "hs256"), key("5", "hs256")}}, "may have 4"},
	} {
		_, err := readProvider(tt.slug, tt.change)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), secret) {
			t.Errorf("%v: %v, want %q", tt.change, err, tt.want)
		}
	}
}
