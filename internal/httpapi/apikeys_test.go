package httpapi_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

// read is a reply's body as it should be.
func read[T any](t *testing.T, r reply, status int) T {
	t.Helper()
	var value T
	if err := json.Unmarshal(r.body, &value); err != nil || r.status != status {
		t.Fatalf("got %d %s, want %d", r.status, r.body, status)
	}
	return value
}

// refused holds a reply to a code, and to the field at fault.
func refused(t *testing.T, what string, r reply, code, field string) {
	t.Helper()
	var p httpapi.Problem
	if err := json.Unmarshal(r.body, &p); err != nil || p.Code != code || field != "" && p.Fields[field] == "" {
		t.Errorf("%s: got %d %s, want %s %s", what, r.status, r.body, code, field)
	}
}

func TestAPIKeys_madeListedRotatedRevoked(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdmin, oriel.ScopeContentRead)
	user := s.person("server", "operators")
	made := read[httpapi.CreatedAPIKey](t, s.with(admin, "POST", "/api/v1/api-keys",
		fmt.Sprintf(`{"name":"nightly","user":%q,"scopes":["content:read"],"expires_in":7200}`, user)), 201)
	if made.Key.Name != "nightly" || made.Key.User != string(user) || made.Key.Expires.Sub(made.Key.Created) != 2*time.Hour {
		t.Errorf("unexpected key: %+v", made.Key)
	}
	ask := func(key string) reply { return s.with(key, "GET", "/api/v1/questions", "") }
	if r := ask(made.Secret); r.status != 200 {
		t.Fatalf("the new key: %d %s", r.status, r.body)
	}
	listed := s.with(admin, "GET", "/api/v1/api-keys", "")
	all := read[httpapi.APIKeyList](t, listed, 200)
	if len(all.Items) != 2 || strings.Contains(string(listed.body), "ork_") {
		t.Errorf("unexpected list: %s", listed.body)
	}
	if one := all.Items[0]; one.ID != made.Key.ID && all.Items[1].ID != made.Key.ID {
		t.Errorf("the list lacks %s: %s", made.Key.ID, listed.body)
	}

	// Both work until the overlap ends; the new one lives as long as the old did.
	s.sleep(time.Minute)
	next := read[httpapi.CreatedAPIKey](t, s.with(admin, "POST", "/api/v1/api-keys/"+made.Key.ID+"/rotate", `{"overlap_seconds":600}`), 201)
	if next.Key.Replaces != made.Key.ID || next.Key.Name != "nightly" || next.Key.User != string(user) ||
		next.Key.Expires.Sub(next.Key.Created) != 2*time.Hour || next.Secret == made.Secret {
		t.Errorf("unexpected next key: %+v", next.Key)
	}
	for _, secret := range []string{made.Secret, next.Secret} {
		if r := ask(secret); r.status != 200 {
			t.Errorf("inside the overlap: %d %s", r.status, r.body)
		}
	}
	refused(t, "rotating again", s.with(admin, "POST", "/api/v1/api-keys/"+made.Key.ID+"/rotate", ""), "conflict", "")
	s.sleep(10 * time.Minute)
	refused(t, "the old one after the overlap", ask(made.Secret), "api_key_expired", "")
	if r := ask(next.Secret); r.status != 200 {
		t.Errorf("the new one after the overlap: %d %s", r.status, r.body)
	}

	// Without a body the overlap is a day; a key never lives longer for it.
	third := read[httpapi.CreatedAPIKey](t, s.with(admin, "POST", "/api/v1/api-keys/"+next.Key.ID+"/rotate", ""), 201)
	for _, key := range read[httpapi.APIKeyList](t, s.with(admin, "GET", "/api/v1/api-keys", ""), 200).Items {
		if key.ID == next.Key.ID && !key.Expires.Equal(*next.Key.Expires) {
			t.Errorf("its end moved to %s", key.Expires)
		}
	}
	if r := s.with(admin, "DELETE", "/api/v1/api-keys/"+third.Key.ID, ""); r.status != 204 {
		t.Errorf("revoke: %d %s", r.status, r.body)
	}
	refused(t, "the revoked one's next request", ask(third.Secret), "api_key_invalid", "")
	refused(t, "rotating a revoked one", s.with(admin, "POST", "/api/v1/api-keys/"+third.Key.ID+"/rotate", ""), "conflict", "")
	for _, path := range []string{"/api/v1/api-keys/none", "/api/v1/api-keys/" + strings.Repeat("k", 200)} {
		refused(t, path, s.with(admin, "DELETE", path, ""), "not_found", "")
		refused(t, path, s.with(admin, "POST", path+"/rotate", ""), "not_found", "")
	}
}

func TestAPIKeys_whatIsNoRequestIsRefused(t *testing.T) {
	s := newSite(t)
	admin, user := s.admin(oriel.Scopes()...), s.person("server", "operators")
	good := fmt.Sprintf(`"name":"n","user":%q,"scopes":["content:read"]`, user)
	for body, field := range map[string]string{
		``:                                                                          "",
		`[]`:                                                                        "",
		`{` + good + `,"secret":"ork_x"}`:                                           "secret",
		`{` + good + `,"id":"key_x"}`:                                               "id",
		`{` + good + `,"group":"operators"}`:                                        "user",
		`{` + good + `,"name":"twice"}`:                                             "name",
		`{` + good + `,"expires_in":59}`:                                            "expires_in",
		`{` + good + `,"expires_in":0}`:                                             "expires_in",
		`{` + good + `,"expires_in":-60}`:                                           "expires_in",
		`{` + good + `,"expires_in":31536001}`:                                      "expires_in",
		`{` + good + `,"expires_in":9223372036854775807}`:                           "expires_in",
		`{` + good + `,"expires_in":1e3}`:                                           "expires_in",
		`{` + good + `,"expires_in":null}`:                                          "expires_in",
		`{"user":"usr_server","scopes":["content:read"]}`:                           "name",
		`{"name":"","user":"usr_server","scopes":["content:read"]}`:                 "name",
		`{"name":"a\nb","user":"usr_server","scopes":["content:read"]}`:             "name",
		`{"name":"n","scopes":["content:read"]}`:                                    "user",
		`{"name":"n","user":"usr_none","scopes":["content:read"]}`:                  "user",
		`{"name":"n","group":"none","scopes":["content:read"]}`:                     "group",
		`{"name":"n","user":"usr_server"}`:                                          "scopes",
		`{"name":"n","user":"usr_server","scopes":[]}`:                              "scopes",
		`{"name":"n","user":"usr_server","scopes":[null]}`:                          "scopes",
		`{"name":"n","user":"usr_server","scopes":"content:read"}`:                  "scopes",
		`{"name":"n","user":"usr_server","scopes":["content:read","x"]}`:            "scopes",
		`{"name":"n","user":"usr_server","scopes":["admin:everything"]}`:            "scopes",
		`{"name":"n","user":"usr_server","scopes":["content:read","content:read"]}`: "scopes",
		// Who is no administrator may become one; the key must not wait for it.
		`{"name":"n","user":"usr_server","scopes":["admin:audit"]}`: "scopes",
		`{"name":"n","group":"operators","scopes":["admin:*"]}`:     "scopes",
	} {
		refused(t, body, s.with(admin, "POST", "/api/v1/api-keys", body), "invalid_request", field)
	}
	refused(t, "a long body", s.with(admin, "POST", "/api/v1/api-keys", `{"name":"`+strings.Repeat("a", 70<<10)+`"}`), "too_large", "")
	issued := s.issueKey(directory.APIKeyRequest{User: user, Scopes: []oriel.Scope{oriel.ScopeContentRead}})
	for _, body := range []string{`{"overlap_seconds":-1}`, `{"overlap_seconds":2592001}`, `{"overlap_seconds":"60"}`, `{"overlap_seconds":1.5}`} {
		refused(t, body, s.with(admin, "POST", "/api/v1/api-keys/"+issued.Key.ID+"/rotate", body), "invalid_request", "overlap_seconds")
	}
}

// TestAPIKeys_nobodyGrantsMoreThanTheyHold tries to climb: by making a key,
// and by rotating somebody else's.
func TestAPIKeys_nobodyGrantsMoreThanTheyHold(t *testing.T) {
	s := newSite(t)
	root, other := s.person("root", oriel.GroupAdministrators, "operators"), s.person("other", oriel.GroupAdministrators, "operators")
	plain := s.person("plain", "operators")
	key := func(wanted directory.APIKeyRequest) directory.IssuedAPIKey { return s.issueKey(wanted) }
	part := key(directory.APIKeyRequest{User: root, Scopes: []oriel.Scope{oriel.ScopeAdminAuthentication, oriel.ScopeContentRead}})
	narrow := key(directory.APIKeyRequest{User: root, Scopes: []oriel.Scope{oriel.ScopeAdminAuthentication}})
	group := key(directory.APIKeyRequest{Group: oriel.GroupAdministrators, Scopes: []oriel.Scope{oriel.ScopeAdminAuthentication}})
	whole := key(directory.APIKeyRequest{User: root, Scopes: []oriel.Scope{oriel.ScopeAdmin}})
	people := key(directory.APIKeyRequest{User: root, Scopes: []oriel.Scope{oriel.ScopeAdminPeople, oriel.ScopeAdminAudit}})
	body := func(bound, who string, scopes ...string) string {
		list, err := json.Marshal(scopes)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf(`{"name":"n",%q:%q,"scopes":%s}`, bound, who, list)
	}
	for name, c := range map[string]struct {
		with directory.IssuedAPIKey
		body string
		ok   bool
	}{
		"its own scopes, itself":             {part, body("user", string(root), "admin:authentication", "content:read"), true},
		"all of administration":              {part, body("user", string(root), "admin:*"), false},
		"another part of administration":     {part, body("user", string(root), "admin:people"), false},
		"one more beside its own":            {part, body("user", string(root), "admin:authentication", "admin:audit"), false},
		"another administrator":              {part, body("user", string(other), "admin:authentication"), false},
		"another user's content":             {part, body("user", string(plain), "content:read"), false},
		"a group":                            {part, body("group", "operators", "content:read"), false},
		"the administrators":                 {part, body("group", "administrators", "admin:authentication"), false},
		"content without reading any":        {narrow, body("user", string(root), "content:read"), false},
		"embedding without reading any":      {narrow, body("user", string(root), "embed:read"), false},
		"a group's own":                      {group, body("group", "administrators", "admin:authentication"), true},
		"a group's key, for a user":          {group, body("user", string(root), "admin:authentication"), false},
		"a group's key, for another group":   {group, body("group", "operators", "admin:authentication"), false},
		"all of administration, for another": {whole, body("user", string(other), "admin:*"), true},
		"everything, for reading":            {whole, body("user", string(plain), "content:read"), true},
		"without the scope for keys":         {people, body("user", string(root), "admin:people"), false},
	} {
		r := s.with(c.with.Secret, "POST", "/api/v1/api-keys", c.body)
		if c.ok != (r.status == 201) || !c.ok && r.code() != "scope_denied" {
			t.Errorf("%s: got %d %s", name, r.status, r.body)
		}
	}
	for name, c := range map[string]struct{ with, of directory.IssuedAPIKey }{
		"part of a whole":         {part, whole},
		"part of another part":    {part, people},
		"narrow of a wider":       {narrow, part},
		"a user's of a group's":   {part, group},
		"a group's of a user's":   {group, narrow},
		"of another user's":       {part, key(directory.APIKeyRequest{User: plain, Scopes: []oriel.Scope{oriel.ScopeContentRead}})},
		"without any of the kind": {people, people},
	} {
		refused(t, "rotating "+name, s.with(c.with.Secret, "POST", "/api/v1/api-keys/"+c.of.Key.ID+"/rotate", ""), "scope_denied", "")
	}
	// It reaches nothing once its user is no administrator any more.
	if err := s.store.Write(t.Context(), func(tx *store.Tx) error { return tx.RemoveFromGroup(root, oriel.GroupAdministrators) }); err != nil {
		t.Fatal(err)
	}
	for _, issued := range []directory.IssuedAPIKey{part, narrow, whole} {
		refused(t, "no administrator any more", s.with(issued.Secret, "GET", "/api/v1/api-keys", ""), "scope_denied", "")
	}
	if r := s.with(part.Secret, "GET", "/api/v1/questions", ""); r.status != 200 {
		t.Errorf("and still reads: %d %s", r.status, r.body)
	}
}
