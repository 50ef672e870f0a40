package httpapi_test

import (
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
)

func TestCollections_madeRenamedDeleted(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminContent)
	made := read[httpapi.Collection](t, s.with(admin, "POST", "/api/v1/collections", `{"key":"sales","name":"Sales"}`), 201)
	if made != (httpapi.Collection{Key: "sales", Name: "Sales"}) {
		t.Errorf("made %+v", made)
	}
	refused(t, "again", s.with(admin, "POST", "/api/v1/collections", `{"key":"sales","name":"Sales"}`), "conflict", "")
	for body, field := range map[string]string{
		`{"key":"Sales","name":"x"}`: "key", `{"key":"","name":"x"}`: "key", `{"key":"x"}`: "name", `{"key":"x","name":"a\u0007"}`: "name",
		`{"key":"x","name":"` + strings.Repeat("x", 201) + `"}`: "name", `{"key":"x","name":"x","parent":"sales"}`: "parent",
	} {
		refused(t, body, s.with(admin, "POST", "/api/v1/collections", body), "invalid_request", field)
	}
	renamed := read[httpapi.Collection](t, s.with(admin, "PATCH", "/api/v1/collections/operations", `{"name":"Ops"}`), 200)
	if renamed.Name != "Ops" || renamed.Questions != 3 || renamed.Dashboards != 1 {
		t.Errorf("renamed %+v", renamed)
	}
	refused(t, "one that is not there", s.with(admin, "PATCH", "/api/v1/collections/none", `{"name":"x"}`), "not_found", "")
	refused(t, "one that holds something", s.with(admin, "DELETE", "/api/v1/collections/operations", ""), "conflict", "")
	if list := read[httpapi.CollectionList](t, s.with(admin, "GET", "/api/v1/collections", ""), 200); len(list.Items) != 3 {
		t.Errorf("listed %+v", list)
	}
}

// TestCollections_noGrantOutlivesOne: another of the key is nobody's to see.
func TestCollections_noGrantOutlivesOne(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdmin)
	s.with(admin, "POST", "/api/v1/collections", `{"key":"sales","name":"Sales"}`)
	if r := s.with(admin, "PATCH", "/api/v1/permissions/operators", `{"collections":{"sales":"view"}}`); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if r := s.with(admin, "DELETE", "/api/v1/collections/sales", ""); r.status != 204 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	refused(t, "again", s.with(admin, "DELETE", "/api/v1/collections/sales", ""), "not_found", "")
	s.with(admin, "POST", "/api/v1/collections", `{"key":"sales","name":"Sales"}`)
	for _, g := range s.store.Declared().Groups {
		if g.Collections["sales"] != "" {
			t.Errorf("the group %s may %s a collection that is new", g.Key, g.Collections["sales"])
		}
	}
	entries := s.texts(`SELECT action || ' ' || kind || ' ' || key FROM audit_entries WHERE who LIKE 'key_%' ORDER BY id`)
	want := "created collection sales, updated group operators, updated group operators, deleted collection sales, created collection sales"
	if strings.Join(entries, ", ") != want {
		t.Errorf("entries: %q", entries)
	}
}
