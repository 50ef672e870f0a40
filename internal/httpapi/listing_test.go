package httpapi_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/httpapi"
)

func TestListing_pages(t *testing.T) {
	s := newSite(t)
	session := s.signIn("dana", "DFW")
	var names []string
	next := ""
	for range 10 {
		r := s.as(session, "GET", "/api/v1/questions?limit=1"+next, "")
		var page httpapi.Listing
		if err := json.Unmarshal(r.body, &page); err != nil || len(page.Items) != 1 {
			t.Fatalf("%d %s", r.status, r.body)
		}
		names = append(names, page.Items[0].ID)
		if page.Next == nil {
			break
		}
		next = "&cursor=" + *page.Next
	}
	if strings.Join(names, " ") != "broken departures latest" {
		t.Errorf("the pages hold %v", names)
	}
	for _, query := range []string{"limit=0", "limit=201", "limit=x", "limit=1&limit=2", "cursor=!", "cursor=" + strings.Repeat("a", 300), "sort=name",
		"search=" + strings.Repeat("a", 201), "search=a&search=b", "collection=" + strings.Repeat("a", 64)} {
		if r := s.as(session, "GET", "/api/v1/questions?"+query, ""); r.code() != "invalid_request" {
			t.Errorf("%s: %d %s", query, r.status, r.body)
		}
	}
}

func TestListing_tellsCollectionsAndNarrows(t *testing.T) {
	s := newSite(t)
	session := s.signIn("dana", "DFW")
	if r := s.as(session, "GET", "/api/v1/viewable-collections", ""); r.status != 200 || !strings.Contains(string(r.body), `"id":"operations"`) {
		t.Fatalf("%d %s", r.status, r.body)
	}
	for query, want := range map[string]string{
		"collection=operations":                   "broken departures latest",
		"collection=operations&search=DEPARTURES": "departures latest",
		"search=" + strings.Repeat("%C3%A9", 200): "",
	} {
		r := s.as(session, "GET", "/api/v1/questions?"+query, "")
		var page httpapi.Listing
		if err := json.Unmarshal(r.body, &page); err != nil || r.status != 200 {
			t.Fatalf("%s: %d %s", query, r.status, r.body)
		}
		ids := []string{}
		for _, item := range page.Items {
			ids = append(ids, item.ID)
			if item.Collection.ID != "operations" || item.Collection.Name == "" {
				t.Errorf("%s: %s is in %+v", query, item.ID, item.Collection)
			}
		}
		if strings.Join(ids, " ") != want {
			t.Errorf("%s: got %v, want %s", query, ids, want)
		}
	}
	stranger := s.signIn("gus", "DFW", func(c map[string]any) { c["groups"] = []string{} })
	for _, path := range []string{"/api/v1/questions?collection=operations", "/api/v1/dashboards?collection=operations", "/api/v1/questions?collection=nosuch"} {
		if r := s.as(stranger, "GET", path, ""); r.code() != "not_found" {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
	if r := s.as(stranger, "GET", "/api/v1/viewable-collections", ""); string(r.body) != `{"items":[]}` {
		t.Errorf("a stranger is told %s", r.body)
	}
}
