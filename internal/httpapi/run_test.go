package httpapi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
)

func TestRunQuestion_showsTheOwnRowsAlone(t *testing.T) {
	s := newSite(t)
	for airport, want := range map[string]string{"DFW": "2", "ORD": "1", "LAX": "0", "": "0"} {
		session := s.signIn("person-"+airport, airport)
		r := s.as(session, "POST", "/api/v1/questions/departures/run", "")
		var got struct {
			Question httpapi.Question
			Result   struct {
				Values   [][]json.RawMessage
				RowCount int `json:"row_count"`
			}
		}
		if err := json.Unmarshal(r.body, &got); err != nil || r.status != 200 {
			t.Fatalf("%d %s", r.status, r.body)
		}
		if got.Question.ID != "departures" || got.Result.RowCount != 1 || string(got.Result.Values[0][0]) != want {
			t.Errorf("%q sees %s departures, want %s", airport, got.Result.Values, want)
		}
	}
}

func TestRun_takesParametersAndNothingElse(t *testing.T) {
	s := newSite(t)
	session := s.signIn("dana", "DFW")
	for _, path := range []string{"/api/v1/questions/departures/run", "/api/v1/dashboards/operations/run"} {
		for name, body := range map[string]string{
			"an SQL text":       `{"sql":"select * from flights"}`,
			"a question":        `{"question":{"sql":"select 1"}}`,
			"a query beside":    `{"parameters":{},"query":"select 1"}`,
			"parameters twice":  `{"parameters":{},"parameters":{"destination":["LAX"]}}`,
			"one name twice":    `{"parameters":{"destination":["LAX"],"destination":["ORD"]}}`,
			"a list":            `{"parameters":["LAX"]}`,
			"null":              `{"parameters":null}`,
			"unknown parameter": `{"parameters":{"origin":"ORD"}}`,
			"wrong type":        `{"parameters":{"destination":{"$ne":""}}}`,
			"text only":         `"select 1"`,
		} {
			if r := s.as(session, "POST", path, body); r.code() != "invalid_request" || r.status != 400 {
				t.Errorf("%s with %s: got %d %s", path, name, r.status, r.body)
			}
		}
		if r := s.as(session, "POST", path+"?sql=select+1", ""); r.code() != "invalid_request" {
			t.Errorf("%s with a query: got %d %s", path, r.status, r.body)
		}
		if r := s.ask("POST", path, `{}`, "Content-Type", "text/plain", "Authorization", "Bearer "+session, "Origin", origin); r.code() != "invalid_request" {
			t.Errorf("%s as text/plain: got %d %s", path, r.status, r.body)
		}
		if r := s.as(session, "POST", path, `{"parameters":{"destination":["`+strings.Repeat("x", 70<<10)+`"]}}`); r.code() != "too_large" {
			t.Errorf("%s with a huge body: got %d", path, r.status)
		}
	}
}

func TestRunQuestion_hiddenAndAbsentAreAlike(t *testing.T) {
	s := newSite(t)
	session := s.signIn("dana", "DFW")
	bare := func(r reply) string {
		var p httpapi.Problem
		if err := json.Unmarshal(r.body, &p); err != nil {
			t.Fatal(err)
		}
		p.RequestID = ""
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for _, path := range []string{"", "/run"} {
		method := "GET"
		if path != "" {
			method = "POST"
		}
		hidden := s.as(session, method, "/api/v1/questions/hidden"+path, "")
		absent := s.as(session, method, "/api/v1/questions/absent"+path, "")
		odd := s.as(session, method, "/api/v1/questions/"+strings.Repeat("x", 200)+path, "")
		if hidden.code() != "not_found" || bare(hidden) != bare(absent) || bare(odd) != bare(absent) {
			t.Errorf("a hidden question differs from none: %s %s %s", hidden.body, absent.body, odd.body)
		}
	}
	list := s.as(session, "GET", "/api/v1/questions", "")
	if strings.Contains(string(list.body), "hidden") || !strings.Contains(string(list.body), `"id":"departures"`) {
		t.Errorf("the list is %s", list.body)
	}
}

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

func TestParameterValues_areThoseOfTheOwnRows(t *testing.T) {
	s := newSite(t)
	for airport, want := range map[string]string{"DFW": `{"items":[{"label":"LAX","value":"LAX"},{"label":"ORD","value":"ORD"}],"next":null}`, "ORD": `{"items":[{"label":"DFW","value":"DFW"}],"next":null}`} {
		r := s.as(s.signIn("person-"+airport, airport), "GET", "/api/v1/dashboards/operations/parameters/destination/values", "")
		if string(r.body) != want {
			t.Errorf("%s is offered %s", airport, r.body)
		}
	}
}

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

// slowQueries run as long as the test wants.
type slowQueries struct {
	httpapi.Queries
	layout chan struct{} // closed to let the card come
	ended  chan error    // gets how the run ended
}

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

func TestReadiness_failsWhileTheServerCannotServe(t *testing.T) {
	s := newSite(t, func(p *parts) { p.ready = func(context.Context) error { return context.DeadlineExceeded } })
	if r := s.ask("GET", "/readyz", ""); r.status != 503 || r.code() != "store_unavailable" || r.header.Get("Retry-After") == "" {
		t.Errorf("got %d %s", r.status, r.body)
	}
	if r := s.ask("GET", "/healthz", ""); r.status != 200 {
		t.Errorf("the process is alive, and says %d", r.status)
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

// lateQueries answer after the time in which a request must have been read.
type lateQueries struct {
	httpapi.Queries
	wait time.Duration
}

func (q lateQueries) RunQuestion(ctx context.Context, _ oriel.Principal, key string, _ map[string]json.RawMessage) (oriel.Question, oriel.Result, error) {
	select {
	case <-time.After(q.wait):
		return oriel.Question{Key: key, Chart: oriel.Chart{Kind: "table"}}, oriel.Result{}, nil
	case <-ctx.Done():
		return oriel.Question{}, oriel.Result{}, ctx.Err()
	}
}

func TestRunQuestion_mayTakeLongerThanItsRequestMayToArrive(t *testing.T) {
	const arrive = 300 * time.Millisecond
	s := newSite(t, func(p *parts) {
		p.queries = lateQueries{wait: 3 * arrive}
		p.web = func(web *http.Server) { web.ReadTimeout = arrive }
	})
	session := s.signIn("dana", "DFW")
	for _, body := range []string{"", `{"parameters":{}}`} {
		if r := s.as(session, "POST", "/api/v1/questions/departures/run", body); r.status != 200 || !strings.Contains(string(r.body), `"id":"departures"`) {
			t.Errorf("with the body %q: %d %s", body, r.status, r.body)
		}
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
