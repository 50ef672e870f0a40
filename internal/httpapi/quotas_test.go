package httpapi_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
)

func ofAcme(c map[string]any) { c["tenant"] = "acme" }

// TestQuotas_usersAreActiveOnes: by hand, by a sign-in, and when somebody comes
// back; nobody who is there is put out.
func TestQuotas_usersAreActiveOnes(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminPeople)
	s.tenant("acme")
	set := func(quotas string) {
		t.Helper()
		if r := s.with(admin, "PATCH", "/api/v1/tenants/acme", `{"quotas":`+quotas+`}`); r.status != 200 {
			t.Fatalf("%s: %d %s", quotas, r.status, r.body)
		}
	}
	set(`{"users":2}`)
	active := len(s.texts(`SELECT id FROM users WHERE tenant = 'acme' AND active`))
	first := s.signIn("first", "DFW", ofAcme)
	for i := active + 1; i < 2; i++ {
		s.signIn(fmt.Sprint("filler", i), "DFW", ofAcme)
	}
	refusal := s.exchange(s.token("second", "DFW", ofAcme))
	if refusal.code() != "user_not_provisioned" {
		t.Errorf("a sign-in: %d %s", refusal.status, refusal.body)
	}
	refused(t, "by hand", s.with(admin, "POST", "/api/v1/users", `{"email":"x@example.com","tenant":"acme"}`), "conflict", "")
	if r := s.with(admin, "POST", "/api/v1/users", `{"email":"y@example.com"}`); r.status != 201 {
		t.Errorf("of no tenant: %d %s", r.status, r.body)
	}
	id := s.userOf(first)
	if r := s.with(admin, "PATCH", "/api/v1/users/"+id, `{"active":false}`); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	s.signIn("in-place", "DFW", ofAcme)
	refused(t, "coming back", s.with(admin, "PATCH", "/api/v1/users/"+id, `{"active":true}`), "conflict", "")
	set(`{"users":1}`)
	if again := s.signIn("in-place", "DFW", ofAcme); s.departures(again) != "2" {
		t.Error("who was there is put out")
	}
	set(`{}`)
	if r := s.with(admin, "PATCH", "/api/v1/users/"+id, `{"active":true}`); r.status != 200 {
		t.Errorf("without a quota: %d %s", r.status, r.body)
	}
	for _, wrong := range []string{`{"users":0}`, `{"users":-1}`, `{"users":1.5}`, `{"users":"1"}`, `{"rows":1}`, `{"users":1000001}`, `[]`, `null`} {
		refused(t, wrong, s.with(admin, "PATCH", "/api/v1/tenants/acme", `{"quotas":`+wrong+`}`), "invalid_request", "quotas")
	}
}

// TestQuotas_queriesInAMinute are those of the tenant, not of others, and of its
// people together.
func TestQuotas_queriesInAMinute(t *testing.T) {
	s := newSite(t)
	s.tenant("acme")
	admin := s.admin(oriel.ScopeAdminPeople)
	if r := s.with(admin, "PATCH", "/api/v1/tenants/acme", `{"quotas":{"queries_per_minute":2}}`); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	dana, ann, other := s.signIn("dana", "DFW", ofAcme), s.signIn("ann", "DFW", ofAcme), s.signIn("gus", "DFW")
	run := func(session string) reply { return s.as(session, "POST", "/api/v1/questions/departures/run", "") }
	if run(dana).status != 200 || run(ann).status != 200 {
		t.Fatal("within the quota")
	}
	for _, path := range []string{"/api/v1/questions/departures/run", "/api/v1/questions/latest/download?format=csv"} {
		r := s.as(dana, "POST", path, "")
		if r.code() != "rate_limited" || r.status != 429 || r.header.Get("Retry-After") == "" {
			t.Errorf("beyond it, %s: %d %s", path, r.status, r.body)
		}
	}
	refused(t, "a filter's values", s.as(ann, "GET", "/api/v1/dashboards/operations/parameters/destination/values", ""), "rate_limited", "")
	if run(other).status != 200 {
		t.Error("of no tenant")
	}
	if r := s.with(admin, "PATCH", "/api/v1/tenants/acme", `{"quotas":{}}`); r.status != 200 || run(dana).status != 200 {
		t.Error("the quota taken away holds on")
	}
}

// TestQuotas_queriesAtOnce: one waits for its turn, and is refused after it; the
// turns of one tenant are none of another's.
func TestQuotas_queriesAtOnce(t *testing.T) {
	const tooLong = 20 * time.Second // four times as long as a query waits for its turn
	var queries *query.Queries
	s := newSite(t, func(p *parts) { queries, _ = p.queries.(*query.Queries) })
	admin := s.admin(oriel.ScopeAdminPeople)
	for _, slug := range []string{"acme", "globex"} {
		s.tenant(slug)
		if r := s.with(admin, "PATCH", "/api/v1/tenants/"+slug, `{"quotas":{"queries_at_once":1}}`); r.status != 200 {
			t.Fatalf("%d %s", r.status, r.body)
		}
	}
	dana, free := s.signIn("dana", "DFW", ofAcme), s.signIn("kim", "DFW")
	other := s.signIn("gus", "DFW", func(c map[string]any) { c["tenant"] = "globex" })
	p := oriel.NewPrincipal(oriel.User{ID: "usr_x", Tenant: "acme", Groups: []oriel.GroupKey{"operators"}}, oriel.SessionEmbed)
	began, end, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	finish := sync.OnceFunc(func() { close(end) })
	defer finish()
	go func() {
		ended <- queries.Download(t.Context(), p, "latest", nil, query.Rows{
			Begin: func(oriel.Question, int) error { close(began); <-end; return nil },
			Part:  func(oriel.Result) error { return nil },
		})
	}()
	select {
	case <-began:
	case err := <-ended:
		t.Fatalf("it never began: %v", err)
	}
	answer := make(chan reply, 1)
	ask := func() { answer <- s.as(dana, "POST", "/api/v1/questions/departures/run", "") }
	go ask()
	select {
	case r := <-answer:
		refused(t, "beside another", r, "rate_limited", "")
	case <-time.After(tooLong):
		finish()
		<-answer
		t.Fatal("what is beyond the quota waits without an end")
	}
	for who, session := range map[string]string{"another tenant's": other, "of no tenant": free} {
		if s.departures(session) != "2" {
			t.Errorf("%s waits", who)
		}
	}
	go ask()
	time.Sleep(10 * time.Millisecond) // so that it waits; it is answered either way
	finish()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if r := <-answer; r.status != 200 {
		t.Errorf("after its turn came: %d %s", r.status, r.body)
	}
	if s.departures(dana) != "2" {
		t.Error("a turn was not given back")
	}
}
