package query_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
)

// limited runs a test on a source with 3,000 rows of a kilobyte each, in each
// engine.
func limited(t *testing.T, test func(t *testing.T, s *sample)) {
	t.Helper()
	var rows strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&rows, "%d,%s\n", i, strings.Repeat("x", 1000))
	}
	onBoth(t, []table{{"t", "n int, wide text", rows.String()}}, func(t *testing.T, s *sample) {
		s.declared.Policies = []oriel.Policy{{Table: oriel.TableRef{Source: "s", Table: "t"}, Shared: true}}
		s.declared.Groups[0].Download = oriel.DownloadFull
		s.declared.Questions = []oriel.Question{
			{Key: "slow", Collection: "c", Source: "s", SQL: "select count(*) as n from t a, t b, t c where a.n + b.n + c.n = -1"},
			{Key: "slow2", Collection: "c", Source: "s", SQL: "select count(*) as n from t a, t b, t c where a.n + b.n + c.n = -2"},
			{Key: "all", Collection: "c", Source: "s", SQL: "select n, wide from t"},
			{Key: "one", Collection: "c", Source: "s", SQL: "select min(n) as n from t"},
			{Key: "much", Collection: "c", Source: "s", SQL: "select count(*) as n from (select distinct a.n as a, b.n as b from t a, t b) as d"},
		}
		test(t, s)
	})
}

// under gives the sample's source the limits, also while queries run.
func (s *sample) under(limits oriel.SourceLimits) {
	s.changing.Lock()
	defer s.changing.Unlock()
	next := *s.declared
	next.Sources = []oriel.Source{s.declared.Sources[0]}
	next.Sources[0].Limits = limits
	s.declared = &next
}

func (s *sample) ask(ctx context.Context, question string) (oriel.Result, error) {
	_, result, err := s.queries.RunQuestion(ctx, reader("ann"), question, nil)
	return result, err
}

func TestLimits_rowsAreCut(t *testing.T) {
	limited(t, func(t *testing.T, s *sample) {
		for limit, want := range map[int]int{0: 2000, 7: 7, 2500: 2500} {
			s.under(oriel.SourceLimits{Rows: limit})
			if r, err := s.ask(t.Context(), "all"); err != nil || r.RowCount != want || !r.Truncated {
				t.Errorf("%d: %d rows, %v", limit, r.RowCount, err)
			}
		}
		for limit, want := range map[int]int{0: 3000, 11: 11} {
			s.under(oriel.SourceLimits{DownloadRows: limit})
			count := 0
			err := s.queries.Download(t.Context(), reader("ann"), "all", nil, query.Rows{
				Begin: func(oriel.Question, int) error { return nil },
				Part:  func(part oriel.Result) error { count += part.RowCount; return nil },
			})
			if err != nil || count != want {
				t.Errorf("%d: a download of %d rows, %v", limit, count, err)
			}
		}
	})
}

func TestLimits_largeResultsAreRefused(t *testing.T) {
	limited(t, func(t *testing.T, s *sample) {
		s.under(oriel.SourceLimits{ResultMiB: 1})
		if _, err := s.ask(t.Context(), "all"); oriel.CodeOf(err) != oriel.CodeTooLarge {
			t.Errorf("2 MB under 1 MiB: %v", err)
		}
		s.under(oriel.SourceLimits{ResultMiB: 3})
		if _, err := s.ask(t.Context(), "all"); err != nil {
			t.Errorf("2 MB under 3 MiB: %v", err)
		}
	})
}

func TestLimits_longQueriesEnd(t *testing.T) {
	limited(t, func(t *testing.T, s *sample) {
		s.under(oriel.SourceLimits{QuerySeconds: 1})
		began := time.Now()
		if _, err := s.ask(t.Context(), "slow"); oriel.CodeOf(err) != oriel.CodeQueryFailed {
			t.Errorf("it ended with %v", err)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("it ended after %s", took) // the usual limit is 30 s
		}
	})
}

func TestLimits_queriesWaitForTheirTurn(t *testing.T) {
	limited(t, func(t *testing.T, s *sample) {
		for connections, waits := range map[int]bool{1: true, 2: false} {
			s.under(oriel.SourceLimits{Connections: connections, Rows: 100 + connections})
			ctx, leave := context.WithCancel(t.Context())
			first := make(chan error, 1)
			go func() { _, err := s.ask(ctx, "slow"); first <- err }()
			time.Sleep(300 * time.Millisecond) // it has its turn
			second := make(chan error, 1)
			go func() { _, err := s.ask(t.Context(), "one"); second <- err }()
			waited := false
			select {
			case err := <-second:
				if waits || err != nil {
					t.Errorf("%d: the second did not wait: %v", connections, err)
				}
			case <-time.After(2 * time.Second):
				if waited = true; !waits {
					t.Errorf("%d: the second waits", connections)
				}
			}
			leave()
			<-first
			if waited {
				if err := <-second; err != nil {
					t.Errorf("%d: the second: %v", connections, err)
				}
			}
		}
	})
}

func TestLimits_memoryIsBoundAlsoWhileAQueryOfBeforeRuns(t *testing.T) {
	limited(t, func(t *testing.T, s *sample) {
		if s.declared.Sources[0].Kind != oriel.SourceDuckDB {
			return // a server has its own
		}
		if _, err := s.ask(t.Context(), "much"); err != nil {
			t.Fatalf("with the usual memory: %v", err)
		}
		ctx, leave := context.WithCancel(t.Context())
		defer leave()
		go func() { _, _ = s.ask(ctx, "slow2") }()
		time.Sleep(300 * time.Millisecond) // it holds what is open of the file
		s.under(oriel.SourceLimits{MemoryMiB: 64})
		if _, err := s.ask(t.Context(), "much"); oriel.CodeOf(err) != oriel.CodeQueryFailed {
			t.Errorf("with 64 MiB: %v", err)
		}
		if _, err := s.ask(t.Context(), "one"); err != nil {
			t.Errorf("with 64 MiB, a small one: %v", err)
		}
		s.under(oriel.SourceLimits{})
		if _, err := s.ask(t.Context(), "much"); err != nil {
			t.Errorf("with the usual memory again: %v", err)
		}
	})
}
