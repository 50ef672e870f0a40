package httpapi_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// body is a value as JSON.
func body(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// gate is a provider's settings, with changes.
func gate(change map[string]any) map[string]any {
	all := map[string]any{"slug": "gate", "kind": "jwt", "profile": "strict", "issuer": "https://gate.example", "sign_in_uri": "https://gate.example/sso"}
	maps.Copy(all, change)
	return all
}

func TestProviders_madeChangedDeleted(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminAuthentication)
	made := read[httpapi.Provider](t, s.with(admin, "POST", "/api/v1/providers", body(t, gate(map[string]any{
		"tenants": map[string]any{"own": "acme"}, "backend_sessions": true, "groups": map[string]any{"mode": "by-name", "opened": []string{"operators"}},
	}))), 201)
	if made.Slug != "gate" || !strings.HasPrefix(made.ID, "prv_") || made.State != "no key" || len(made.Keys) != 0 {
		t.Errorf("unexpected provider: %+v", made)
	}
	if got := read[httpapi.Provider](t, s.with(admin, "GET", "/api/v1/providers/gate", ""), 200); body(t, got) != body(t, made) {
		t.Errorf("it is found as %+v", got)
	}
	refused(t, "the same slug again", s.with(admin, "POST", "/api/v1/providers", body(t, gate(nil))), "conflict", "")
	all := read[httpapi.ProviderList](t, s.with(admin, "GET", "/api/v1/providers", ""), 200)
	if len(all.Items) != 2 || all.Items[0].Slug != "apron" || all.Items[0].State != "on" || len(all.Items[0].Keys) != 1 || all.Items[1].Slug != "gate" {
		t.Errorf("unexpected list: %s", body(t, all))
	}

	// What is read can be sent back and changes nothing; a change is a change.
	same := read[httpapi.Provider](t, s.with(admin, "PUT", "/api/v1/providers/gate", body(t, made.Settings)), 200)
	if body(t, same) != body(t, made) {
		t.Errorf("sent back, it is %s", body(t, same))
	}
	made.Settings["enabled"], made.Settings["slug"] = false, "gate"
	if off := read[httpapi.Provider](t, s.with(admin, "PUT", "/api/v1/providers/gate", body(t, made.Settings)), 200); off.State != "off" {
		t.Errorf("switched off, it is %s", body(t, off))
	}
	made.Settings["slug"] = "apron"
	refused(t, "another slug", s.with(admin, "PUT", "/api/v1/providers/gate", body(t, made.Settings)), "invalid_request", "slug")

	if r := s.with(admin, "DELETE", "/api/v1/providers/gate", ""); r.status != 204 {
		t.Errorf("delete: %d %s", r.status, r.body)
	}
	for _, method := range []string{"GET", "DELETE"} {
		refused(t, method+" of none", s.with(admin, method, "/api/v1/providers/gate", ""), "not_found", "")
	}
	refused(t, "PUT of none", s.with(admin, "PUT", "/api/v1/providers/gate", body(t, gate(nil))), "not_found", "")

	// People have signed in through it: whoever is known by it would be lost.
	s.signIn("dana", "DFW")
	refused(t, "one that is used", s.with(admin, "DELETE", "/api/v1/providers/apron", ""), "conflict", "")
}

func TestProviders_areHeldToWhatADeclarationIs(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminAuthentication)
	const secret = "not-a-secret-that-anybody-may-see-again"
	for name, change := range map[string]map[string]any{
		"no slug":                {"slug": nil},
		"an empty slug":          {"slug": ""},
		"a slug with a slash":    {"slug": "a/b"},
		"a slug with capitals":   {"slug": "Gate"},
		"no kind":                {"kind": nil},
		"another kind":           {"kind": "saml"},
		"another profile":        {"profile": "lax"},
		"strict without issuer":  {"issuer": ""},
		"no address":             {"sign_in_uri": nil},
		"a script's address":     {"sign_in_uri": "javascript:alert(1)"},
		"keys among them":        {"keys": []any{map[string]any{"id": "k", "kind": "hs256", "secret": secret}}},
		"no keys among them":     {"keys": []any{}},
		"what is not known":      {"sing_in_uri": "https://gate.example/sso"},
		"an id":                  {"id": "prv_x"},
		"the administrators":     {"groups": map[string]any{"mode": "by-name", "opened": []string{"administrators"}}},
		"administrators, mapped": {"groups": map[string]any{"mode": "mapped", "mapping": map[string]any{"x": []string{"administrators"}}}},
		"a group that is none":   {"groups": map[string]any{"mode": "by-name", "opened": []string{"none"}}},
		"a foreign origin":       {"origins": []string{"https://*"}},
		"any origin":             {"origins": []string{"*"}},
		"a number for a switch":  {"enabled": 1},
	} {
		settings := gate(change)
		for member, value := range change {
			if value == nil {
				delete(settings, member)
			}
		}
		r := s.with(admin, "POST", "/api/v1/providers", body(t, settings))
		refused(t, name, r, "invalid_request", "")
		if strings.Contains(string(r.body), secret) {
			t.Errorf("%s: the answer shows the secret", name)
		}
		if settings["slug"] != "gate" {
			continue
		}
		if r := s.with(admin, "PUT", "/api/v1/providers/apron", body(t, withoutSlug(settings))); r.code() != "invalid_request" {
			t.Errorf("changed so: %s: got %d %s", name, r.status, r.body)
		}
	}
	refused(t, "a member twice", s.with(admin, "POST", "/api/v1/providers", `{"slug":"a","slug":"b"}`), "invalid_request", "slug")
	if strings.Contains(s.log.String(), secret) {
		t.Error("the log shows the secret")
	}
	// apron has a key that compat does not take.
	compat := withoutSlug(gate(map[string]any{"profile": "compat"}))
	delete(compat, "issuer")
	refused(t, "compat with a public key", s.with(admin, "PUT", "/api/v1/providers/apron", body(t, compat)), "invalid_request", "profile")
}

func withoutSlug(settings map[string]any) map[string]any {
	settings = maps.Clone(settings)
	delete(settings, "slug")
	return settings
}

// TestProviders_referencesAreText: over the API nobody reads the server's
// environment or files.
func TestProviders_referencesAreText(t *testing.T) {
	t.Setenv("ORIEL_TEST_CANARY", "canary-of-the-environment")
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminAuthentication)
	for _, issuer := range []string{"${env:ORIEL_TEST_CANARY}", "${file:site.yaml}"} {
		r := s.with(admin, "PUT", "/api/v1/providers/apron", body(t, withoutSlug(gate(map[string]any{"issuer": issuer}))))
		if got := read[httpapi.Provider](t, r, 200); got.Settings["issuer"] != issuer {
			t.Errorf("%s became %v", issuer, got.Settings["issuer"])
		}
	}
}
