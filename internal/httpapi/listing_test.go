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
	for _, query := range []string{"limit=0", "limit=201", "limit=x", "limit=1&limit=2", "cursor=!", "cursor=" + strings.Repeat("a", 300), "sort=name"} {
		if r := s.as(session, "GET", "/api/v1/questions?"+query, ""); r.code() != "invalid_request" {
			t.Errorf("%s: %d %s", query, r.status, r.body)
		}
	}
}
