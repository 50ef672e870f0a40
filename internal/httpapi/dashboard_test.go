package httpapi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
)

func TestRunDashboard_streamsLayoutThenCardsThenEnd(t *testing.T) {
	s := newSite(t)
	session := s.signIn("dana", "DFW")
	r := s.as(session, "POST", "/api/v1/dashboards/operations/run", `{"parameters":{"destination":["LAX"]}}`)
	if r.status != 200 || r.header.Get("Content-Type") != "application/x-ndjson" {
		t.Fatalf("%d %v %s", r.status, r.header, r.body)
	}
	lines := strings.Split(strings.TrimSuffix(string(r.body), "\n"), "\n")
	if len(lines) != 5 || !strings.HasPrefix(lines[0], `{"cards":[`) || lines[4] != `{"type":"end"}` {
		t.Fatalf("unexpected lines: %s", r.body)
	}
	if !strings.Contains(lines[0], `"id":"departures","parameters":{"date":"date","destination":"destination"}`) {
		t.Errorf("the layout does not tell which filters a card heeds: %s", lines[0])
	}
	cards := map[string]httpapi.CardLine{}
	raw := map[string]string{}
	for _, line := range lines[1:4] {
		var card struct {
			ID    string
			Error *httpapi.Problem
		}
		if err := json.Unmarshal([]byte(line), &card); err != nil {
			t.Fatal(err)
		}
		cards[card.ID] = httpapi.CardLine{ID: card.ID, Error: card.Error}
		raw[card.ID] = line
	}
	if !strings.Contains(raw["departures"], `"values":[[1]]`) {
		t.Errorf("the filter was not applied: %s", raw["departures"])
	}
	broken := cards["broken"].Error
	if broken == nil || broken.Code != "query_failed" || broken.Status != 422 || broken.RequestID != r.header.Get("X-Request-Id") {
		t.Errorf("the broken card is %s", raw["broken"])
	}
	for _, word := range []string{"LAX", "ORD", "Conversion", "INT32", "cast"} {
		if strings.Contains(raw["broken"], word) {
			t.Errorf("the broken card tells the engine's words: %s", raw["broken"])
		}
	}
	if !strings.Contains(raw["latest"], `"2001-01-01T08:00:00"`) {
		t.Errorf("the table is %s", raw["latest"])
	}
}

// slowQueries run as long as the test wants.
type slowQueries struct {
	httpapi.Queries
	layout chan struct{} // closed to let the card come
	ended  chan error    // gets how the run ended
}

func (slowQueries) MayDownload(oriel.Principal) bool    { return false }
func (failingQueries) MayDownload(oriel.Principal) bool { return false }
func (brokenQueries) MayDownload(oriel.Principal) bool  { return false }

func (q slowQueries) RunDashboard(ctx context.Context, _ oriel.Principal, _ string, _ map[string]json.RawMessage, on query.Lines) error {
	if err := on.Layout(oriel.Dashboard{Key: "operations", Name: "Operations"}, nil); err != nil {
		return err
	}
	select {
	case <-q.layout:
	case <-ctx.Done():
		q.ended <- ctx.Err()
		return ctx.Err()
	}
	return on.Card("a", oriel.Result{}, nil)
}

func (q slowQueries) RunQuestion(context.Context, oriel.Principal, string, map[string]json.RawMessage) (oriel.Question, oriel.Result, error) {
	panic("ors_" + strings.Repeat("B", 43))
}

func startRun(t *testing.T, ctx context.Context, s *site, session string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, "POST", s.server.URL+"/api/v1/dashboards/operations/run", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+session)
	request.Header.Set("Origin", origin)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

func TestRunDashboard_layoutComesBeforeTheCards(t *testing.T) {
	slow := slowQueries{layout: make(chan struct{}), ended: make(chan error, 1)}
	s := newSite(t, func(p *parts) { p.queries = slow })
	response := startRun(t, t.Context(), s, s.signIn("dana", "DFW"))
	reader := bufio.NewReader(response.Body)
	line, err := reader.ReadString('\n')
	if err != nil || !strings.Contains(line, `"layout"`) {
		t.Fatalf("got %q, %v", line, err)
	}
	close(slow.layout) // only now may the card come
	rest := ""
	for {
		line, err := reader.ReadString('\n')
		rest += line
		if err != nil {
			break
		}
	}
	if !strings.HasSuffix(rest, "{\"type\":\"end\"}\n") {
		t.Errorf("the rest is %q", rest)
	}
}

func TestRunDashboard_aClientThatLeavesStopsTheRun(t *testing.T) {
	slow := slowQueries{layout: make(chan struct{}), ended: make(chan error, 1)}
	s := newSite(t, func(p *parts) { p.queries = slow })
	session := s.signIn("dana", "DFW")
	ctx, leave := context.WithCancel(t.Context())
	response := startRun(t, ctx, s, session)
	if _, err := bufio.NewReader(response.Body).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	leave()
	select {
	case err := <-slow.ended:
		if err == nil {
			t.Error("the run ended without its context's error")
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the run goes on")
	}
}

// failingQueries fail after the layout, as a store that goes away would.
type failingQueries struct{ httpapi.Queries }

func (failingQueries) RunDashboard(_ context.Context, _ oriel.Principal, _ string, _ map[string]json.RawMessage, on query.Lines) error {
	if err := on.Layout(oriel.Dashboard{Key: "operations"}, nil); err != nil {
		return err
	}
	return oriel.E(oriel.CodeStoreUnavailable, "")
}

func TestRunDashboard_aStreamThatBreaksHasNoEnd(t *testing.T) {
	s := newSite(t, func(p *parts) { p.queries = failingQueries{} })
	response := startRun(t, t.Context(), s, s.signIn("dana", "DFW"))
	reader := bufio.NewReader(response.Body)
	if _, err := reader.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	if rest, err := reader.ReadString('\n'); rest != "" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("after the failure came %q, %v", rest, err)
	}
}

// brokenQueries panic after the layout.
type brokenQueries struct{ httpapi.Queries }

func (brokenQueries) RunDashboard(_ context.Context, _ oriel.Principal, _ string, _ map[string]json.RawMessage, on query.Lines) error {
	if err := on.Layout(oriel.Dashboard{Key: "operations"}, nil); err != nil {
		return err
	}
	panic("after the layout")
}

func TestPanic_inAStreamCutsItOff(t *testing.T) {
	s := newSite(t, func(p *parts) { p.queries = brokenQueries{} })
	response := startRun(t, t.Context(), s, s.signIn("dana", "DFW"))
	reader := bufio.NewReader(response.Body)
	if _, err := reader.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	if rest, err := reader.ReadString('\n'); rest != "" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("after the panic came %q, %v", rest, err)
	}
}
