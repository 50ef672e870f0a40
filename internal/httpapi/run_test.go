package httpapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
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

func TestParameterValues_areThoseOfTheOwnRows(t *testing.T) {
	s := newSite(t)
	tests := map[string]map[string]string{
		"DFW": {
			"destination": `{"items":[{"label":"LAX","value":"LAX"},{"label":"ORD","value":"ORD"}],"next":null}`,
			"date":        `{"items":[{"label":"2001-01-01","value":"2001-01-01"},{"label":"2001-01-01","value":"2001-01-01"}],"next":null}`,
		},
		"ORD": {
			"destination": `{"items":[{"label":"DFW","value":"DFW"}],"next":null}`,
			"date":        `{"items":[{"label":"2001-01-02","value":"2001-01-02"},{"label":"2001-01-02","value":"2001-01-02"}],"next":null}`,
		},
		"JFK": {"destination": `{"items":[],"next":null}`, "date": `{"items":[],"next":null}`},
	}
	for airport, offered := range tests {
		session := s.signIn("person-"+airport, airport)
		for parameter, want := range offered {
			r := s.as(session, "GET", "/api/v1/dashboards/operations/parameters/"+parameter+"/values", "")
			if string(r.body) != want {
				t.Errorf("%s is offered %s of %s", airport, r.body, parameter)
			}
		}
	}
}

// lateQueries answer after the time in which a request must have been read.
type lateQueries struct {
	httpapi.Queries
	wait time.Duration
}

func (lateQueries) MayDownload(oriel.Principal) bool { return false }

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
