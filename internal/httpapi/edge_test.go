package httpapi_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
)

func TestPanic_isOneRequestsFailure(t *testing.T) {
	s := newSite(t, func(p *parts) { p.queries = slowQueries{} })
	session := s.signIn("dana", "DFW")
	r := s.as(session, "POST", "/api/v1/questions/departures/run", "")
	if r.status != 500 || r.code() != "internal" || strings.Contains(string(r.body), "ors_") {
		t.Errorf("got %d %s", r.status, r.body)
	}
	if !strings.Contains(s.log.String(), r.header.Get("X-Request-Id")) {
		t.Error("the log lacks the reference")
	}
	if r := s.as(session, "GET", "/api/v1/session", ""); r.status != 200 {
		t.Errorf("the next request: %d %s", r.status, r.body)
	}
}

func TestLimits_longAddressesAndHeadersAreRefused(t *testing.T) {
	s := newSite(t)
	if r := s.ask("GET", "/auth/sso?client=sdk&jwt="+strings.Repeat("a", 13<<10), "", "Origin", origin); r.code() != "too_large" {
		t.Errorf("a long address: %d %s", r.status, r.body)
	}
	if r := s.ask("GET", "/healthz", "", "X-Long", strings.Repeat("a", 64<<10)); r.status != 431 {
		t.Errorf("a long header: %d", r.status)
	}
}

// goneQueries end as if their client had left.
type goneQueries struct{ httpapi.Queries }

func (goneQueries) RunQuestion(ctx context.Context, _ oriel.Principal, _ string, _ map[string]json.RawMessage) (oriel.Question, oriel.Result, error) {
	<-ctx.Done()
	return oriel.Question{}, oriel.Result{}, ctx.Err()
}

func TestCancelledRequest_isNeverAnEmptySuccess(t *testing.T) {
	requests, end := context.WithCancel(context.Background())
	s := newSite(t, func(p *parts) {
		p.queries = goneQueries{}
		p.web = func(web *http.Server) { web.BaseContext = func(net.Listener) context.Context { return requests } }
	})
	session := s.signIn("dana", "DFW")
	time.AfterFunc(100*time.Millisecond, end)
	request, err := http.NewRequestWithContext(t.Context(), "POST", s.server.URL+"/api/v1/questions/departures/run", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+session)
	request.Header.Set("Origin", origin)
	if response, err := http.DefaultClient.Do(request); err == nil {
		_ = response.Body.Close()
		t.Errorf("it was answered with %d", response.StatusCode)
	}
}
