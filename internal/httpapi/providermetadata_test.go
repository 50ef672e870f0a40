package httpapi_test

import (
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/saml/samltest"
)

// idpMetadata is the document of an identity provider that signs with the keys.
func idpMetadata(entity string, keys ...samltest.Pair) string {
	text := ""
	for _, key := range keys {
		block, _ := pem.Decode([]byte(key.Certificate))
		text += `<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>` +
			base64.StdEncoding.EncodeToString(block.Bytes) + `</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`
	}
	return `<?xml version="1.0"?><md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="` + entity + `">` +
		`<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol" WantAuthnRequestsSigned="true">` + text +
		`<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/slo" ResponseLocation="https://idp.example/slo2"/>` +
		`<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>`
}

// An administrator uploads the identity provider's metadata with the settings.
func TestProviders_metadata(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminAuthentication)
	one, two := corpKey(), samltest.NewPair(time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	settings := map[string]any{"slug": "corp", "kind": "saml", "enabled": false, "metadata": idpMetadata("https://idp.example/saml", one), "provisioning": map[string]any{"create": true}}
	made := read[httpapi.Provider](t, s.with(admin, "POST", "/api/v1/providers", body(t, settings)), 201)
	own, _ := made.Settings["saml"].(map[string]any)
	if made.State != "off" || made.Settings["issuer"] != "https://idp.example/saml" || made.Settings["sign_in_uri"] != "https://idp.example/sso" ||
		own["sign_out_uri"] != "https://idp.example/slo" || own["sign_out_answer_uri"] != "https://idp.example/slo2" || own["sign_requests"] != true || own["metadata_url"] != nil ||
		made.Settings["metadata"] != nil || len(made.Keys) != 1 || made.Keys[0].Kind != "x509" || made.Keys[0].ID != "key-1" {
		t.Fatalf("%s", body(t, made))
	}
	// The next certificate comes beside the first; one that it has stays one.
	made.Settings["metadata"], made.Settings["enabled"] = idpMetadata("https://idp.example/saml", one, two), true
	for range 2 {
		next := read[httpapi.Provider](t, s.with(admin, "PUT", "/api/v1/providers/corp", body(t, made.Settings)), 200)
		if next.State != "on" || len(next.Keys) != 2 || next.Keys[1].ID != "key-2" {
			t.Errorf("%s", body(t, next))
		}
	}
	// What somebody set for this identity provider since stays as it was set.
	made.Settings["saml"].(map[string]any)["sign_requests"] = false
	if next := read[httpapi.Provider](t, s.with(admin, "PUT", "/api/v1/providers/corp", body(t, made.Settings)), 200); next.Settings["saml"].(map[string]any)["sign_requests"] != false {
		t.Errorf("%s", body(t, next))
	}
	// A certificate that is not in them any more stays until somebody retires it.
	made.Settings["metadata"] = idpMetadata("https://idp.example/saml", two)
	if next := read[httpapi.Provider](t, s.with(admin, "PUT", "/api/v1/providers/corp", body(t, made.Settings)), 200); len(next.Keys) != 2 {
		t.Errorf("%s", body(t, next))
	}
	refused(t, "a certificate again", s.with(admin, "POST", "/api/v1/providers/corp/keys", body(t, map[string]any{"kind": "x509", "public": one.Certificate})), "conflict", "")
	audit := read[httpapi.AuditList](t, s.with(s.admin(oriel.ScopeAdminAudit), "GET", "/api/v1/audit", ""), 200)
	if text := body(t, audit); !strings.Contains(text, "corp/key-1") || !strings.Contains(text, "corp/key-2") {
		t.Errorf("the audit has %s", text)
	}
}

// What is wrong with metadata is said, and nothing is done.
func TestProviders_metadataThatAreNone(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminAuthentication)
	good := idpMetadata("https://idp.example/saml", corpKey())
	var many []samltest.Pair
	for range oriel.MaxProviderKeys {
		many = append(many, samltest.NewPair(time.Now().Add(-time.Hour), time.Now().Add(time.Hour)))
	}
	sends := func(change map[string]any) reply {
		settings := map[string]any{"slug": "corp", "kind": "saml", "metadata": good}
		for name, value := range change {
			settings[name] = value
		}
		return s.with(admin, "POST", "/api/v1/providers", body(t, settings))
	}
	for name, c := range map[string]struct {
		change map[string]any
		field  string
	}{
		"of a host":            {map[string]any{"kind": "jwt", "issuer": "https://gate.example", "sign_in_uri": "https://gate.example/sso"}, "metadata"},
		"without a kind":       {map[string]any{"kind": nil}, "metadata"},
		"a number":             {map[string]any{"metadata": 7}, "metadata"},
		"empty":                {map[string]any{"metadata": ""}, "metadata"},
		"no document":          {map[string]any{"metadata": "<html></html>"}, "metadata"},
		"a document type":      {map[string]any{"metadata": `<!DOCTYPE x [<!ENTITY y "z">]>` + good[strings.Index(good, "<md:"):]}, "metadata"},
		"without certificates": {map[string]any{"metadata": idpMetadata("https://idp.example/saml")}, "metadata"},
		"of another":           {map[string]any{"issuer": "https://other.example"}, "metadata"},
		"over":                 {map[string]any{"metadata": strings.Replace(good, "entityID", `validUntil="2020-01-01T00:00:00Z" entityID`, 1)}, "metadata"},
		"an address of http":   {map[string]any{"metadata": "http://idp.example/metadata"}, "metadata"},
		"an address of ours":   {map[string]any{"metadata": "https://127.0.0.1/metadata"}, "metadata"},
		"a private address":    {map[string]any{"metadata": "https://169.254.169.254/latest/meta-data"}, "metadata"},
		"a file":               {map[string]any{"metadata": "/etc/passwd"}, "metadata"},
		"an address of a file": {map[string]any{"metadata": "file:///etc/passwd"}, "metadata"},
		"keys beside them":     {map[string]any{"keys": []any{}}, "keys"},
		"too many":             {map[string]any{"metadata": idpMetadata("https://idp.example/saml", append(many, corpKey())...)}, ""},
		"no tenant's":          {map[string]any{"tenants": "all"}, ""},
	} {
		r := sends(c.change)
		if refused(t, name, r, "invalid_request", c.field); strings.Contains(string(r.body), "root:") {
			t.Errorf("%s: the answer tells of a file", name)
		}
	}
	if r := s.with(admin, "GET", "/api/v1/providers/corp", ""); r.status != 404 {
		t.Errorf("something was made: %s", r.body)
	}
	if r := sends(map[string]any{"metadata": good + strings.Repeat(" ", 3<<20)}); r.status != 413 {
		t.Errorf("3 MiB: %d", r.status)
	}

	// A change that is refused leaves settings and keys as they were.
	made := read[httpapi.Provider](t, sends(nil), 201)
	before := body(t, read[httpapi.Provider](t, s.with(admin, "GET", "/api/v1/providers/corp", ""), 200))
	made.Settings["metadata"] = idpMetadata("https://idp.example/saml", many...)
	refused(t, "one too many", s.with(admin, "PUT", "/api/v1/providers/corp", body(t, made.Settings)), "conflict", "")
	made.Settings["metadata"], made.Settings["tenants"] = idpMetadata("https://idp.example/saml", many[0]), "all"
	refused(t, "wrong settings", s.with(admin, "PUT", "/api/v1/providers/corp", body(t, made.Settings)), "invalid_request", "")
	if after := body(t, read[httpapi.Provider](t, s.with(admin, "GET", "/api/v1/providers/corp", ""), 200)); after != before {
		t.Errorf("it was %s\nand is %s", before, after)
	}
}

// Who doesn't administer authentication gives no metadata.
func TestProviders_metadataOfOthers(t *testing.T) {
	s := newSite(t)
	s.addHost()
	text := body(t, map[string]any{"slug": "corp", "kind": "saml", "metadata": idpMetadata("https://idp.example/saml", corpKey())})
	session := s.signIn("dana", "DFW")
	for name, r := range map[string]reply{
		"nobody":               s.ask("POST", "/api/v1/providers", text, "Content-Type", "application/json"),
		"a page's session":     s.as(session, "POST", "/api/v1/providers", text),
		"another's permission": s.with(s.admin(oriel.ScopeAdminPeople), "POST", "/api/v1/providers", text),
	} {
		if r.status != 401 && r.status != 403 {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	if r := s.with(s.admin(oriel.ScopeAdminAuthentication), "GET", "/api/v1/providers/corp", ""); r.status != 404 {
		t.Errorf("it was made: %s", r.body)
	}
}
