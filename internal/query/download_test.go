package query_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
	"github.com/oriel-bi/oriel/internal/source"
)

// download gives how many rows came, and whether there are more.
func (s *sample) download(t *testing.T, p oriel.Principal, key, parameters string) (rows int, last oriel.Result, err error) {
	t.Helper()
	var given map[string]json.RawMessage
	if err := json.Unmarshal([]byte(parameters), &given); err != nil {
		t.Fatal(err)
	}
	begun := 0
	err = s.queries.Download(t.Context(), p, key, given, query.Rows{
		Begin: func(question oriel.Question, limit int) error {
			if begun++; question.Key != key || limit < 1 {
				t.Errorf("it begins with %q and at most %d rows", question.Key, limit)
			}
			return nil
		},
		Part: func(part oriel.Result) error {
			rows, last = rows+part.RowCount, part
			return nil
		},
	})
	if (err == nil) != (begun == 1) {
		t.Errorf("it began %d times and ended with %v", begun, err)
	}
	return rows, last, err
}

// openFlights lets everybody see all flights, and asks for them in one question.
func openFlights(t *testing.T, grant oriel.DownloadGrant) *sample {
	s := openSample(t)
	s.declared.Groups[0].Download = grant
	for i, p := range s.declared.Policies {
		if p.Table.Table == "flights" {
			s.declared.Policies[i] = oriel.Policy{Table: p.Table, Shared: true}
		}
	}
	at := slices.IndexFunc(s.declared.Questions, func(q oriel.Question) bool { return q.Key == "worst-destinations" })
	s.declared.Questions[at].SQL, s.declared.Questions[at].Parameters = "select departed_at, destination from flights", nil
	return s
}

func TestDownload_isAsLargeAsTheGrantLetsIt(t *testing.T) {
	for grant, want := range map[oriel.DownloadGrant]int{oriel.DownloadLimited: 10_000, oriel.DownloadFull: 20_000} {
		rows, last, err := openFlights(t, grant).download(t, operatorOf("DFW"), "worst-destinations", `{}`)
		if err != nil || rows != want || last.Truncated != (want < 20_000) {
			t.Errorf("%s: %d rows, more %v: %v", grant, rows, last.Truncated, err)
		}
	}
	s := openFlights(t, oriel.DownloadFull)
	for most, want := range map[int]int{7: 7, 50_000: 20_000} {
		got, truncated := 0, false
		err := s.queries.Download(t.Context(), operatorOf("DFW"), "worst-destinations", nil, query.Rows{
			Most:  most,
			Begin: func(oriel.Question, int) error { return nil },
			Part:  func(part oriel.Result) error { got, truncated = got+part.RowCount, part.Truncated; return nil },
		})
		if err != nil || got != want || truncated != (most < 20_000) {
			t.Errorf("room for %d: %d rows, more %v: %v", most, got, truncated, err)
		}
	}
	s.queries = query.New(query.Options{
		Declared: func() *oriel.Declaration { return s.declared }, DownloadRows: 123,
		Engines: map[oriel.SourceKind]source.Engine{oriel.SourceDuckDB: s.engine},
	})
	if rows, last, err := s.download(t, operatorOf("DFW"), "worst-destinations", `{}`); err != nil || rows != 123 || !last.Truncated {
		t.Errorf("%d rows, more %v: %v", rows, last.Truncated, err)
	}
}

func TestDownload_needsEveryGrant(t *testing.T) {
	viewAs := oriel.NewPrincipal(operatorOf("DFW").User(), oriel.SessionViewAs)
	var nobody oriel.Principal
	tests := []struct {
		name   string
		who    oriel.Principal
		key    string
		change func(*oriel.Group)
		want   oriel.Code
	}{
		{"nobody", nobody, "latest-departures", func(*oriel.Group) {}, oriel.CodeNotAuthenticated},
		{"who views as another", viewAs, "latest-departures", func(*oriel.Group) {}, oriel.CodeForbidden},
		{"without the grant", operatorOf("DFW"), "latest-departures", func(g *oriel.Group) { g.Download = "" }, oriel.CodeForbidden},
		{"without the source's", operatorOf("DFW"), "latest-departures", func(g *oriel.Group) { g.Sources = nil }, oriel.CodeForbidden},
		{"without the collection's", operatorOf("DFW"), "latest-departures", func(g *oriel.Group) { g.Collections = nil }, oriel.CodeNotFound},
		{"a hidden question, and no grant", operatorOf("DFW"), "network-comparison", func(g *oriel.Group) { g.Download = "" }, oriel.CodeNotFound},
		{"no such question", operatorOf("DFW"), "no-such-question", func(*oriel.Group) {}, oriel.CodeNotFound},
	}
	for _, tt := range tests {
		s := openSample(t)
		s.declared.Groups[0].Download = oriel.DownloadFull
		tt.change(&s.declared.Groups[0])
		if _, _, err := s.download(t, tt.who, tt.key, `{}`); oriel.CodeOf(err) != tt.want {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
}

func TestDownload_holdsTheRowsThatTheResultDoes(t *testing.T) {
	s := openSample(t)
	s.declared.Groups[0].Download = oriel.DownloadFull
	for airport, parameters := range map[string]string{"DFW": `{}`, "ORD": `{"destination":["LAX"]}`, "": `{}`} {
		var given map[string]json.RawMessage
		if err := json.Unmarshal([]byte(parameters), &given); err != nil {
			t.Fatal(err)
		}
		_, result, err := s.queries.RunQuestion(t.Context(), operatorOf(airport), "departures-per-day", given)
		if err != nil {
			t.Fatal(err)
		}
		if rows, _, err := s.download(t, operatorOf(airport), "departures-per-day", parameters); err != nil || rows != result.RowCount {
			t.Errorf("%q: %d rows, want %d: %v", airport, rows, result.RowCount, err)
		}
	}
	if _, _, err := s.download(t, operatorOf("DFW"), "departures", `{"airport":"ORD"}`); oriel.CodeOf(err) != oriel.CodeInvalidRequest {
		t.Errorf("an unknown parameter: %v", err)
	}
}

func TestDownload_keepsTheEnginesWordsFromThePrincipal(t *testing.T) {
	s := openFlights(t, oriel.DownloadFull)
	at := slices.IndexFunc(s.declared.Questions, func(q oriel.Question) bool { return q.Key == "worst-destinations" })
	for text, want := range map[string]oriel.Code{
		"select destination::integer as n from flights": oriel.CodeQueryFailed,
		"select * from duckdb_tables()":                 oriel.CodeQueryRefused,
	} {
		s.declared.Questions[at].SQL = text
		if _, _, err := s.download(t, operatorOf("DFW"), "worst-destinations", `{}`); oriel.CodeOf(err) != want || message(t, err) != "This chart can't be shown." {
			t.Errorf("%s: %v", text, err)
		}
	}
}
