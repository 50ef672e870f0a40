package httpapi_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
)

func TestOrigins_addedAndTakenOff(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminAuthentication)
	const added = "https://app.example.com"
	before := s.exchangeFrom(added, s.token("dana", "DFW"))
	refused(t, "before", before, "origin_not_allowed", "")
	for range 2 { // what is there stays
		list := read[httpapi.OriginList](t, s.with(admin, "POST", "/api/v1/origins", body(t, map[string]string{"origin": "HTTPS://App.Example.com:443"})), 201)
		if len(list.Items) != 3 || list.Items[2] != added {
			t.Errorf("unexpected list: %v", list.Items)
		}
	}
	if r := s.exchangeFrom(added, s.token("dana", "DFW")); r.status != 200 {
		t.Errorf("after: %d %s", r.status, r.body)
	}
	path := "/api/v1/origins?origin=" + url.QueryEscape(added)
	if r := s.with(admin, "DELETE", path, ""); r.status != 204 {
		t.Errorf("delete: %d %s", r.status, r.body)
	}
	refused(t, "again", s.with(admin, "DELETE", path, ""), "not_found", "")
	refused(t, "gone", s.exchangeFrom(added, s.token("dana", "DFW")), "origin_not_allowed", "")
	if list := read[httpapi.OriginList](t, s.with(admin, "GET", "/api/v1/origins", ""), 200); len(list.Items) != 2 {
		t.Errorf("unexpected list: %v", list.Items)
	}
}

// TestOrigins_C2_invalidOnesAreRefusedWithTheReason: what lets pages in is
// never guessed.
func TestOrigins_C2_invalidOnesAreRefusedWithTheReason(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdmin)
	for _, entry := range []string{"", "*", "null", "app.example.com", "https://", "https://*", "https://app.example.com/", "https://a.*.example.com", "https://user@app.example.com", "https://app.example.com:0", "ftp://app.example.com", "https://app.example.com https://b.example.com", strings.Repeat("a", 300)} {
		r := s.with(admin, "POST", "/api/v1/origins", body(t, map[string]string{"origin": entry}))
		refused(t, entry, r, "invalid_request", "origin")
		refused(t, "take off "+entry, s.with(admin, "DELETE", "/api/v1/origins?origin="+url.QueryEscape(entry), ""), map[bool]string{true: "not_found", false: "invalid_request"}[entry == "*"], "")
	}
	for _, sent := range []string{"", `{}`, `{"origin":1}`, `{"origin":["https://a.example.com"]}`, `{"origin":"https://a.example.com","origin":"https://b.example.com"}`} {
		refused(t, sent, s.with(admin, "POST", "/api/v1/origins", sent), "invalid_request", "")
	}
	for _, query := range []string{"", "?origin=", "?origin=https://a.example.com&origin=https://b.example.com", "?origin=https://a.example.com&all=true"} {
		refused(t, query, s.with(admin, "DELETE", "/api/v1/origins"+query, ""), "invalid_request", "")
	}
}
