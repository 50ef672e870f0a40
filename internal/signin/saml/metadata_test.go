package saml_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/signin/saml"
)

// published are metadata that pysaml2 makes of an identity provider with two
// certificates.
func published(t testing.TB, sign bool) string {
	t.Helper()
	order, err := json.Marshal(map[string]any{
		"issuer": idp, "sign": sign, "key": idpKey().private, "certificate": idpKey().certificate, "next": otherKey().certificate,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, "/usr/bin/python3", filepath.Join("testdata", "idp", "metadata.py"))
	command.Stdin = bytes.NewReader(order)
	var said bytes.Buffer
	command.Stderr = &said
	out, err := command.Output()
	if err != nil {
		t.Fatalf("pysaml2 gave no metadata (%v): run scripts/setup, which installs it\n%s", err, said.String())
	}
	return string(out)
}

// S8: both certificates are taken, and answers of either.
func TestReadMetadata_S8(t *testing.T) {
	got, err := saml.ReadMetadata([]byte(published(t, false)), "", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if got.EntityID != idp || got.SignInURL != idp+"/sso" || got.SignOutURL != idp+"/slo" || !got.WantsSignedRequests || len(got.Certificates) != 2 {
		t.Errorf("%+v", got)
	}
	for i, pair := range []pair{idpKey(), otherKey()} {
		if !slices.ContainsFunc(got.Certificates, func(text string) bool { return saml.SameCertificate([]byte(text), []byte(pair.certificate)) }) {
			t.Errorf("certificate %d is missing", i)
		}
	}
}

// A comment between elements, as identity providers write them, is no harm.
func TestReadMetadata_toleratesComments(t *testing.T) {
	text := published(t, false)
	at := strings.Index(text, "><") + 1
	if _, err := saml.ReadMetadata([]byte("<!-- made by hand -->"+strings.TrimSpace(text[:at])+"<!-- here too -->"+text[at:]), idp, time.Now()); err != nil && !strings.HasPrefix(text, "<?xml") {
		t.Error(err)
	}
}

func TestReadMetadata_refuses(t *testing.T) {
	good := published(t, false)
	body := good[strings.Index(good, "<ns0:EntityDescriptor"):]
	list := func(entities ...string) string {
		return `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">` + strings.Join(entities, "") + `</md:EntitiesDescriptor>`
	}
	other := strings.ReplaceAll(body, `entityID="`+idp+`"`, `entityID="https://other.example.com"`)
	if other == body {
		t.Fatal("the metadata are not as this test thinks")
	}
	role := body[strings.Index(body, "<ns0:IDPSSODescriptor"):strings.Index(body, "</ns0:IDPSSODescriptor>")] + "</ns0:IDPSSODescriptor>"
	now := time.Now()
	for name, c := range map[string]struct{ text, entity, says string }{
		"nothing":               {"", "", "no XML"},
		"HTML":                  {"<html><body>Sign in</body></html>", "", "no SAML 2.0 metadata"},
		"a document type":       {`<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>` + body, "", "document type"},
		"another entity id":     {body, "https://other.example.com", "no identity provider with the entity id"},
		"two":                   {list(body, other), "", "several"},
		"none":                  {list(), "", "no identity provider"},
		"a service provider's":  {strings.ReplaceAll(body, "IDPSSODescriptor", "SPSSODescriptor"), "", "service provider"},
		"two roles":             {strings.Replace(body, role, role+role, 1), "", "more than one"},
		"over":                  {strings.Replace(body, `entityID=`, `validUntil="2020-01-01T00:00:00Z" entityID=`, 1), "", ""},
		"a script":              {strings.ReplaceAll(body, idp+"/sso", "javascript:alert(1)"), "", "no address"},
		"somebody's password":   {strings.ReplaceAll(body, idp+"/sso", "https://a:b@idp.example.com/sso"), "", "no address"},
		"no redirect":           {strings.ReplaceAll(body, "HTTP-Redirect", "HTTP-Artifact"), "", "by redirect"},
		"no certificate":        {strings.ReplaceAll(body, "X509Certificate>", "X509CRL>"), "", "no certificate"},
		"a broken certificate":  {strings.ReplaceAll(body, "X509Certificate>", "X509Certificate>AAAA"), "", "no certificate that can be used"},
		"a comment in a value":  {strings.Replace(body, "X509Certificate>", "X509Certificate>AA<!-- -->", 1), "", "comment inside a value"},
		"deep":                  {strings.Repeat("<a>", 40) + strings.Repeat("</a>", 40), "", "inside each other"},
		"many elements":         {"<a>" + strings.Repeat("<b/>", 30_000) + "</a>", "", "more than"},
		"enormous":              {"<a>" + strings.Repeat(" ", 2<<20) + "</a>", "", "bytes"},
		"cut off":               {body[:len(body)/2], "", "no XML"},
		"text that is no UTF-8": {"<a>\xff</a>", "", "no XML"},
	} {
		got, err := saml.ReadMetadata([]byte(c.text), c.entity, now)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if got, err := saml.ReadMetadata([]byte(list(body, other)), idp, now); err != nil || got.EntityID != idp {
		t.Errorf("one of several: %+v, %v", got, err)
	}
}

// What is read of signed metadata is what was signed.
func TestReadSignedMetadata(t *testing.T) {
	signed, now := published(t, true), time.Now()
	known := []string{idpKey().certificate}
	got, err := saml.ReadSignedMetadata([]byte(signed), "", known, now)
	if err != nil || len(got.Certificates) != 2 || got.SignInURL != idp+"/sso" {
		t.Fatalf("%+v %v", got, err)
	}
	const evil = "https://evil.example.org"
	wrap := func(text string) string {
		inner := text[strings.Index(text, "<ns0:EntityDescriptor"):]
		return `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">` + strings.ReplaceAll(published(t, false), idp, evil) + inner + `</md:EntitiesDescriptor>`
	}
	for name, c := range map[string]struct {
		text  string
		known []string
	}{
		"unsigned":                {published(t, false), known},
		"another's certificate":   {signed, []string{otherKey().certificate}},
		"nobody known":            {signed, nil},
		"changed":                 {strings.ReplaceAll(signed, idp+"/sso", evil), known},
		"another certificate":     {strings.Replace(signed, "WantAuthnRequestsSigned", "wantAuthnRequestsSigned", 1), known},
		"a signed one in a list":  {wrap(signed), known},
		"an expired certificate":  {signed, []string{expiredKey().certificate}},
		"signed, then lengthened": {strings.Replace(signed, "</ns0:IDPSSODescriptor>", `</ns0:IDPSSODescriptor><ns0:Organization xmlns:ns0="urn:oasis:names:tc:SAML:2.0:metadata"/>`, 1), known},
	} {
		if got, err := saml.ReadSignedMetadata([]byte(c.text), "", c.known, now); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func FuzzReadMetadata(f *testing.F) {
	f.Add([]byte(published(f, false)))
	f.Add([]byte(published(f, true)))
	known := []string{idpKey().certificate}
	now := time.Now()
	f.Fuzz(func(t *testing.T, document []byte) {
		_, _ = saml.ReadMetadata(document, "", now)
		if got, err := saml.ReadSignedMetadata(document, "", known, now); err == nil && (got.EntityID != idp || got.SignInURL != idp+"/sso" || len(got.Certificates) != 2) {
			t.Errorf("signed: %+v", got)
		}
	})
}
