package httpapi_test

import (
	"context"
	"testing"
)

func TestReadiness_failsWhileTheServerCannotServe(t *testing.T) {
	s := newSite(t, func(p *parts) { p.ready = func(context.Context) error { return context.DeadlineExceeded } })
	if r := s.ask("GET", "/readyz", ""); r.status != 503 || r.code() != "store_unavailable" || r.header.Get("Retry-After") == "" {
		t.Errorf("got %d %s", r.status, r.body)
	}
	if r := s.ask("GET", "/healthz", ""); r.status != 200 {
		t.Errorf("the process is alive, and says %d", r.status)
	}
}
