package httpapi_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// TestAudit_tellsEveryChangeOfPeople: one entry each, with the key that did it
// and whom that acted as.
func TestAudit_tellsEveryChangeOfPeople(t *testing.T) {
	s := newSite(t)
	root := s.person("root", oriel.GroupAdministrators)
	issued := s.issueKey(apiKeyFor(root, oriel.ScopeAdmin))
	made := string(s.person("made"))
	for _, step := range []struct{ method, path, body, want string }{
		{"POST", "/users", `{"email":"x@example.com"}`, "created user"},
		{"PATCH", "/users/" + made, `{"first_name":"Ann"}`, "updated user " + made},
		{"PATCH", "/users/" + made, `{"attributes":{"a":"b"}}`, "attributes updated user " + made},
		{"PUT", "/users/" + made + "/groups/operators", "", "created membership " + made},
		{"DELETE", "/users/" + made + "/groups/operators", "", "deleted membership " + made},
		{"POST", "/users/" + made + "/view-as", "", "viewed as user " + made},
		{"PATCH", "/users/" + made, `{"active":false}`, "deactivated user " + made},
		{"PATCH", "/users/" + made, `{"active":true}`, "reactivated user " + made},
		{"DELETE", "/users/" + made, "", "erased user " + made},
		{"POST", "/groups", `{"key":"crew"}`, "created group crew"},
		{"PATCH", "/groups/crew", `{"name":"Crew"}`, "updated group crew"},
		{"PATCH", "/permissions/crew", `{"download":"full"}`, "updated group crew"},
		{"DELETE", "/groups/crew", "", "deleted group crew"},
		{"POST", "/tenants", `{"slug":"globex"}`, "created tenant globex"},
		{"PATCH", "/tenants/globex", `{"attributes":{"a":"b"}}`, "updated tenant globex"},
		{"DELETE", "/tenants/globex", "", "deleted tenant globex"},
	} {
		if r := s.with(issued.Secret, step.method, "/api/v1"+step.path, step.body); r.status >= 300 {
			t.Fatalf("%s: %d %s", step.want, r.status, r.body)
		}
		page := read[httpapi.AuditList](t, s.with(issued.Secret, "GET", "/api/v1/audit?limit=1", ""), 200)
		e := page.Items[0]
		if got := e.Action + " " + e.Kind + " " + e.Key; !strings.HasPrefix(got, step.want) || e.Who != issued.Key.ID || e.Acting != string(root) {
			t.Errorf("%s: the newest entry is %s", step.want, body(t, e))
		}
	}
	// What is so already is no change.
	before := len(s.texts(`SELECT id FROM audit_entries`))
	again := string(s.person("again", "operators"))
	for path, change := range map[string]string{"PUT /users/" + again + "/groups/operators": "", "PATCH /users/" + again: `{"first_name":"","active":true,"attributes":{}}`} {
		method, path, _ := strings.Cut(path, " ")
		s.with(issued.Secret, method, "/api/v1"+path, change)
	}
	if after := len(s.texts(`SELECT id FROM audit_entries`)); after != before+2 {
		t.Errorf("%d entries, then %d: making the user leaves two", before, after)
	}
}

func TestAudit_listedAndExported(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminAudit, oriel.ScopeAdminPeople)
	for i := range 5 {
		s.with(admin, "POST", "/api/v1/groups", fmt.Sprintf(`{"key":"g%d"}`, i))
	}
	var listed []int64
	for cursor := ""; ; {
		page := read[httpapi.AuditList](t, s.with(admin, "GET", "/api/v1/audit?kind=group&action=created&limit=2"+cursor, ""), 200)
		for _, e := range page.Items {
			listed = append(listed, e.ID)
		}
		if page.Next == nil {
			break
		}
		cursor = "&cursor=" + *page.Next
	}
	export := s.with(admin, "GET", "/api/v1/audit/export?kind=group&action=created", "")
	lines := strings.Split(strings.TrimSpace(string(export.body)), "\n")
	if len(listed) != len(lines) || len(listed) < 5 || export.header.Get("Content-Type") != "application/x-ndjson" {
		t.Fatalf("%d listed, %d exported: %s", len(listed), len(lines), export.body)
	}
	for i, line := range lines {
		var e httpapi.AuditEntry
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.ID != listed[len(listed)-1-i] {
			t.Errorf("line %d: %s %v", i, line, err)
		}
	}
	rest := s.with(admin, "GET", fmt.Sprintf("/api/v1/audit/export?kind=group&action=created&after=%d", listed[1]), "")
	if strings.Count(string(rest.body), "\n") != 1 {
		t.Errorf("behind the last but one: %s", rest.body)
	}
	refused(t, "a cursor", s.with(admin, "GET", "/api/v1/audit?cursor=x", ""), "invalid_request", "cursor")
}

// TestAudit_entriesStand: nobody with the file open changes one by mistake or
// takes one away before its time.
func TestAudit_entriesStand(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminPeople)
	user := s.person("dana")
	s.with(admin, "PATCH", "/api/v1/users/"+string(user), `{"first_name":"Ann"}`)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.folder, "oriel.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for _, text := range []string{
		`UPDATE audit_entries SET who = 'somebody'`, `UPDATE audit_entries SET at = 0`, `DELETE FROM audit_entries`,
		`UPDATE audit_values SET after = ''`, `REPLACE INTO audit_entries (id, at, who, action, kind, key, before, after, acting) SELECT id, 0, who, action, kind, key, before, after, acting FROM audit_entries WHERE id = 1`,
	} {
		if _, err := db.ExecContext(t.Context(), text); err == nil {
			t.Errorf("%s was done", text)
		}
	}
}
