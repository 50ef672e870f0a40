package httpapi_test

import (
	"context"
	"testing"

	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/signin"
)

// overheard keeps what the edge said of the last request.
type overheard struct {
	httpapi.SignIn
	asked signin.DiscoverRequest
}

func (o *overheard) Discover(ctx context.Context, r signin.DiscoverRequest) (signin.Discovery, error) {
	o.asked = r
	return o.SignIn.Discover(ctx, r)
}

// The records of refused attempts are bounded by address, so each has the
// peer's own, which no header changes.
func TestDiscovery_tellsWhoAsked(t *testing.T) {
	heard := &overheard{}
	s := newSite(t, func(p *parts) { heard.SignIn, p.signIn = p.signIn, heard })
	r := s.ask("GET", "/auth/sso?client=sdk", "", "Origin", foreign, "X-Forwarded-For", "192.0.2.9", "X-Real-IP", "192.0.2.9")
	if r.code() != "origin_not_allowed" {
		t.Fatalf("got %d %s", r.status, r.body)
	}
	if heard.asked.ClientIP != "127.0.0.1" || heard.asked.Origin != foreign || heard.asked.Reference != r.header.Get("X-Request-Id") {
		t.Errorf("the sign-in heard %+v", heard.asked)
	}
}
