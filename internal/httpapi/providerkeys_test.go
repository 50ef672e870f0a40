package httpapi_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// publicKey is a public key as PEM, and its private half.
func publicKey(t *testing.T) (string, ed25519.PrivateKey) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), private
}

const apronKeys = "/api/v1/providers/apron/keys"

func TestProviderKeys_addedUsedRetiredDeleted(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminAuthentication)
	public, private := publicKey(t)
	added := s.with(admin, "POST", apronKeys, body(t, map[string]any{"id": "next/key 1", "kind": "eddsa", "public": public}))
	if key := read[httpapi.CreatedProviderKey](t, added, 201); key.Secret != "" || key.Key.ID != "next/key 1" || !key.Key.Live || key.Key.SafeToDelete {
		t.Errorf("unexpected key: %s", added.body)
	}
	keyOf := func(id string) httpapi.ProviderKey {
		for _, key := range read[httpapi.ProviderKeyList](t, s.with(admin, "GET", apronKeys, ""), 200).Items {
			if key.ID == id {
				return key
			}
		}
		t.Fatalf("there is no key %q", id)
		return httpapi.ProviderKey{}
	}
	old, next := keyOf("key-1"), keyOf("next/key 1")
	if old.LastUsed != nil || next.LastDay != 0 {
		t.Errorf("used before it was: %+v %+v", old, next)
	}
	signInWith := func(kid string, key ed25519.PrivateKey) reply {
		s.key = key
		return s.exchange(s.tokenOf(kid, "dana"))
	}
	first := s.key
	for kid, key := range map[string]ed25519.PrivateKey{"key-1": first, "next/key 1": private} {
		if r := signInWith(kid, key); r.status != 200 {
			t.Fatalf("sign in with %s: %d %s", kid, r.status, r.body)
		}
	}
	if old = keyOf("key-1"); old.LastUsed == nil || old.LastHour != 1 || old.LastDay != 1 {
		t.Errorf("used once, it says %+v", old)
	}

	// Inside the overlap it verifies; after, it does not, and is safe to delete
	// since nothing came with it since it was retired.
	s.sleep(time.Minute)
	retired := read[httpapi.ProviderKey](t, s.with(admin, "POST", apronKeys+"/key-1/retire", `{"overlap_seconds":60}`), 200)
	if !retired.Live || retired.SafeToDelete || retired.Retired == nil || retired.Ends.Sub(*retired.Retired) != time.Minute {
		t.Errorf("retired, it says %+v", retired)
	}
	for _, overlap := range []string{`{"overlap_seconds":2592001}`, `{"overlap_seconds":-1}`, `{"overlap_seconds":null}`, `{"ends":"2001-01-01T00:00:00Z"}`} {
		refused(t, overlap, s.with(admin, "POST", apronKeys+"/key-1/retire", overlap), "invalid_request", "")
	}
	refused(t, "a later end", s.with(admin, "POST", apronKeys+"/key-1/retire", ""), "conflict", "")
	s.sleep(61 * time.Second)
	if old = keyOf("key-1"); old.Live || !old.SafeToDelete {
		t.Errorf("after the overlap it says %+v", old)
	}
	refused(t, "a token of it", signInWith("key-1", first), "token_key_unknown", "")

	path := apronKeys + "/" + url.PathEscape("next/key 1")
	if ended := read[httpapi.Revoked](t, s.with(admin, "DELETE", path+"/sessions", ""), 200); ended.Sessions != 1 {
		t.Errorf("%d sessions were ended", ended.Sessions)
	}
	for _, one := range []string{apronKeys + "/key-1", path} {
		if r := s.with(admin, "DELETE", one, ""); r.status != 204 {
			t.Errorf("delete %s: %d %s", one, r.status, r.body)
		}
		refused(t, "again", s.with(admin, "DELETE", one, ""), "not_found", "")
		refused(t, "retire", s.with(admin, "POST", one+"/retire", ""), "not_found", "")
		refused(t, "its sessions", s.with(admin, "DELETE", one+"/sessions", ""), "not_found", "")
	}
	refused(t, "of none", s.with(admin, "GET", "/api/v1/providers/none/keys", ""), "not_found", "")
	refused(t, "for none", s.with(admin, "POST", "/api/v1/providers/none/keys", `{"kind":"hs256"}`), "not_found", "")
}

// TestProviderKeys_aSecretIsShownOnce looks for it wherever else it could be.
func TestProviderKeys_aSecretIsShownOnce(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdmin)
	const given = "given-secret-of-a-host-0123456789abcdefghijklmnopqrstuvwxyz-and-more"
	var secrets []string
	for kind, size := range map[string]int{"hs256": 32, "hs384": 48, "hs512": 64} {
		r := s.with(admin, "POST", apronKeys, body(t, map[string]any{"kind": kind, "id": kind}))
		key := read[httpapi.CreatedProviderKey](t, r, 201)
		bits, err := base64.RawURLEncoding.DecodeString(key.Secret)
		if err != nil || len(bits) != size {
			t.Errorf("a secret of %s has %d bytes", kind, len(bits))
		}
		secrets = append(secrets, key.Secret)
		if kind == "hs256" {
			continue
		}
		if r := s.with(admin, "DELETE", apronKeys+"/"+kind, ""); r.status != 204 {
			t.Fatalf("delete: %d %s", r.status, r.body)
		}
	}
	r := s.with(admin, "POST", apronKeys, body(t, map[string]any{"kind": "hs256", "secret": given}))
	if key := read[httpapi.CreatedProviderKey](t, r, 201); key.Secret != "" || key.Key.ID != "key-2" {
		t.Errorf("unexpected key: %s", r.body)
	}
	secrets = append(secrets, given, admin)
	shown := []string{s.log.String(), string(r.body), strings.Join(s.texts(`SELECT at || who || action || kind || key || before || after FROM audit_entries`), "\n")}
	for _, path := range []string{apronKeys, "/api/v1/providers", "/api/v1/providers/apron", "/api/v1/sign-ins", "/api/v1/api-keys"} {
		shown = append(shown, string(s.with(admin, "GET", path, "").body))
	}
	for _, secret := range secrets {
		for _, text := range shown {
			if strings.Contains(text, secret) || strings.Contains(text, secret[8:24]) {
				t.Errorf("a secret is in %.200s", text)
			}
		}
	}
}

func TestProviderKeys_areHeldToWhatADeclarationIs(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminAuthentication)
	public, private := publicKey(t)
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	privateText := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	for name, c := range map[string]struct {
		body map[string]any
		code string
	}{
		"no kind":             {map[string]any{}, "invalid_request"},
		"an unknown kind":     {map[string]any{"kind": "none"}, "invalid_request"},
		"a short secret":      {map[string]any{"kind": "hs256", "secret": "short"}, "invalid_request"},
		"a secret and public": {map[string]any{"kind": "hs256", "public": public}, "invalid_request"},
		"no public key":       {map[string]any{"kind": "eddsa"}, "invalid_request"},
		"a private key":       {map[string]any{"kind": "eddsa", "public": privateText}, "invalid_request"},
		"of another kind":     {map[string]any{"kind": "rs256", "public": public}, "invalid_request"},
		"an empty id":         {map[string]any{"kind": "hs256", "id": ""}, "invalid_request"},
		"a known id":          {map[string]any{"kind": "hs256", "id": "key-1"}, "conflict"},
		"a JWKS on HTTP":      {map[string]any{"kind": "jwks", "url": "http://keys.example.com/jwks"}, "invalid_request"},
		"a JWKS in a file":    {map[string]any{"kind": "jwks", "url": "file:///etc/passwd"}, "invalid_request"},
		"a JWKS of nowhere":   {map[string]any{"kind": "jwks"}, "invalid_request"},
		"a secret's address":  {map[string]any{"kind": "hs256", "url": "https://keys.example.com/jwks"}, "invalid_request"},
		"a number":            {map[string]any{"kind": "hs256", "id": 7}, "invalid_request"},
		"another field":       {map[string]any{"kind": "hs256", "created": "2001-01-01T00:00:00Z"}, "invalid_request"},
	} {
		r := s.with(admin, "POST", apronKeys, body(t, c.body))
		refused(t, name, r, c.code, "")
		if strings.Contains(string(r.body), "MC4CAQ") || strings.Contains(s.log.String(), "MC4CAQ") {
			t.Errorf("%s: a private key is shown", name)
		}
	}
	published := read[httpapi.CreatedProviderKey](t, s.with(admin, "POST", apronKeys, `{"kind":"jwks","url":"https://keys.example.com/jwks"}`), 201)
	if published.Secret != "" || published.Key.URL != "https://keys.example.com/jwks" {
		t.Errorf("unexpected key: %+v", published)
	}
	for range 2 {
		read[httpapi.CreatedProviderKey](t, s.with(admin, "POST", apronKeys, `{"kind":"hs256"}`), 201)
	}
	refused(t, "a fifth", s.with(admin, "POST", apronKeys, `{"kind":"hs256"}`), "conflict", "")
}
