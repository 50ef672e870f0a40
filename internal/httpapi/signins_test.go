package httpapi_test

import (
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
)

func TestSignIns_sayWhyAndWhatToDo(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminAudit)
	accepted := s.token("dana", "DFW", func(c map[string]any) { c["shoe"] = nil })
	if r := s.exchange(accepted); r.status != 200 {
		t.Fatalf("sign-in: %d %s", r.status, r.body)
	}
	late := s.token("erin", "ORD", func(c map[string]any) { c["iat"], c["exp"] = s.clock().Unix()-900, s.clock().Unix()-600 })
	foreignIssuer := s.token("fay", "ORD", func(c map[string]any) { c["iss"] = "https://other.example" })
	var references []string
	for _, r := range []reply{s.exchange(late), s.exchange(foreignIssuer), s.exchange("garbage")} {
		references = append(references, read[httpapi.Problem](t, r, 401).RequestID)
	}
	list := func(query string) []httpapi.SignInRecord {
		return read[httpapi.SignInList](t, s.with(admin, "GET", "/api/v1/sign-ins"+query, ""), 200).Items
	}
	all := list("")
	if len(all) != 4 || all[0].Outcome == "accepted" {
		t.Fatalf("unexpected records: %+v", all)
	}
	found := list("?reference=" + references[0])
	if len(found) != 1 || found[0].Outcome != "token_expired" || found[0].Fix == "" || found[0].Provider != "apron" || found[0].ClockSkewMs != -900_000 {
		t.Fatalf("unexpected record: %+v", found)
	}
	failed := 0
	for i, check := range found[0].Checks {
		if check.Outcome != "failed" {
			continue
		}
		failed++
		if i == 0 || found[0].Checks[i-1].Outcome != "passed" || check.Expected == "" || check.Received == "" {
			t.Errorf("the failing check does not say why: %+v", found[0].Checks)
		}
	}
	if failed != 1 {
		t.Errorf("%d checks failed: %+v", failed, found[0].Checks)
	}
	good := list("?outcome=accepted")
	if len(good) != 1 || good[0].Fix != "" || len(good[0].Dropped) != 1 || good[0].Dropped[0] != "shoe" || good[0].User == "" || good[0].Attempts != 1 {
		t.Errorf("unexpected record: %+v", good)
	}
	for query, want := range map[string]int{
		"?outcome=refused": 3, "?outcome=issuer_mismatch": 1, "?outcome=token_malformed": 1, "?outcome=token_replayed": 0,
		"?user=" + good[0].User: 1, "?user=none": 0, "?provider=apron&outcome=refused": len(list("?provider=apron")) - 1, "?provider=none": 0,
		"?reference=NONE-000": 0, "?reference=" + references[2]: 1,
	} {
		if got := list(query); len(got) != want {
			t.Errorf("%s: %d records", query, len(got))
		}
	}
	var seen []string
	for cursor := ""; ; {
		page := read[httpapi.SignInList](t, s.with(admin, "GET", "/api/v1/sign-ins?limit=3"+cursor, ""), 200)
		for _, one := range page.Items {
			seen = append(seen, one.Reference)
		}
		if page.Next == nil {
			break
		}
		cursor = "&cursor=" + *page.Next
	}
	if len(seen) != 4 {
		t.Errorf("paged: %v", seen)
	}
	for _, query := range []string{"?cursor=x", "?cursor=-1", "?cursor=0", "?outcome=none", "?limit=0", "?reference=A&reference=B", "?token=x"} {
		refused(t, query, s.with(admin, "GET", "/api/v1/sign-ins"+query, ""), "invalid_request", "")
	}
	text := string(s.with(admin, "GET", "/api/v1/sign-ins", "").body)
	for _, token := range []string{accepted, late, foreignIssuer} {
		for i := 0; i+16 <= len(token); i += 16 {
			if strings.Contains(text, token[i:i+16]) {
				t.Errorf("the records show a piece of a token: %s", token[i:i+16])
			}
		}
	}
}
