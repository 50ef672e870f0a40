package query_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
	"github.com/oriel-bi/oriel/internal/source"
)

// counting is a real engine that counts the queries that reach it, and may hold
// them up.
type counting struct {
	source.Engine
	runs  atomic.Int32
	begun chan struct{}
	ended chan struct{} // once for each that was held up until its ctx ended
	hold  chan struct{} // nil: nothing is held up
	fail  atomic.Bool
}

func (c *counting) Run(ctx context.Context, n source.Narrowed) (oriel.Result, error) {
	c.runs.Add(1)
	if c.fail.Load() {
		return oriel.Result{}, oriel.E(oriel.CodeQueryFailed, "")
	}
	if c.hold != nil {
		c.begun <- struct{}{}
		select {
		case <-c.hold:
		case <-ctx.Done():
			c.ended <- struct{}{}
			return oriel.Result{}, ctx.Err()
		}
	}
	return c.Engine.Run(ctx, n)
}

// keeping is the sample with a cache, a clock and an engine that counts.
type keeping struct {
	*sample
	engine *counting
	now    atomic.Int64
}

func openKeeping(t *testing.T, bytes int) *keeping {
	t.Helper()
	k := &keeping{sample: openSample(t)}
	k.engine = &counting{Engine: k.sample.engine, begun: make(chan struct{}, 100), ended: make(chan struct{}, 100)}
	k.queries = query.New(query.Options{
		Declared:   func() *oriel.Declaration { return k.declared },
		Engines:    map[oriel.SourceKind]source.Engine{oriel.SourceDuckDB: k.engine},
		CacheBytes: bytes, CacheFor: time.Minute,
		Clock: func() time.Time { return time.Unix(1_000_000_000+k.now.Load(), 0) },
	})
	t.Cleanup(k.queries.Close)
	return k
}

// ask gives the one figure of the question departures.
func (k *keeping) ask(t *testing.T, p oriel.Principal) (figure string, r oriel.Result) {
	t.Helper()
	_, r, err := k.queries.RunQuestion(t.Context(), p, "departures", nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(r.Values[0][0]), r
}

func (k *keeping) reached(t *testing.T, want int32) {
	t.Helper()
	if got := k.engine.runs.Load(); got != want {
		t.Errorf("%d queries reached the engine, want %d", got, want)
	}
}

// another is a user of the same airport.
func another(airport string) oriel.Principal {
	return oriel.NewPrincipal(oriel.User{
		ID: "usr_another", Active: true, Attributes: oriel.Attributes{"airport": oriel.Text(airport), "shoe": oriel.Text("42")},
		Groups: []oriel.GroupKey{oriel.GroupAllUsers, "operators"},
	}, oriel.SessionEmbed)
}

func TestCache_isSharedByThoseWhoSeeTheSameAlone(t *testing.T) {
	k := openKeeping(t, 1<<20)
	dallas, r := k.ask(t, operatorOf("DFW"))
	if !r.CachedAt.IsZero() {
		t.Error("a new result says that it was kept")
	}
	again, r := k.ask(t, another("DFW"))
	if again != dallas || r.CachedAt.Unix() != 1_000_000_000 {
		t.Errorf("who sees the same got %s of %v, want %s", again, r.CachedAt, dallas)
	}
	k.reached(t, 1)
	if chicago, r := k.ask(t, operatorOf("ORD")); chicago == dallas || !r.CachedAt.IsZero() {
		t.Errorf("somebody of another airport got %s, as %v", chicago, r.CachedAt)
	}
	if none, r := k.ask(t, operatorOf("")); none != "0" || !r.CachedAt.IsZero() {
		t.Errorf("somebody without the attribute got %s, as %v", none, r.CachedAt)
	}
	k.reached(t, 3)
}

func TestCache_isSharedByThoseWhoSeeTheSameAloneAtOnce(t *testing.T) {
	k := openKeeping(t, 1<<20)
	want := map[string]string{}
	airports := []string{"DFW", "ORD", "LAX", "APF", ""}
	for _, airport := range airports {
		want[airport], _ = openKeeping(t, 0).ask(t, operatorOf(airport))
	}
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			airport := airports[i%len(airports)]
			if i%40 == 0 {
				k.now.Add(100) // what was kept is too old
			}
			_, r, err := k.queries.RunQuestion(t.Context(), operatorOf(airport), "departures", nil)
			if err != nil || string(r.Values[0][0]) != want[airport] {
				t.Errorf("%q got %s, want %s: %v", airport, r.Values, want[airport], err)
			}
		})
	}
	all.Wait()
}

func TestCache_parametersAndQuestionsAreApart(t *testing.T) {
	k := openKeeping(t, 1<<20)
	lines := func(parameters string) map[string]oriel.Result {
		results, failures, err := k.cards(t.Context(), operatorOf("DFW"), parameters)
		if err != nil || len(failures) > 0 {
			t.Fatal(err, failures)
		}
		return results
	}
	all, some := lines(`{}`), lines(`{"destination":["LAX"]}`)
	if string(all["departures"].Values[0][0]) == string(some["departures"].Values[0][0]) {
		t.Error("a filter changed nothing")
	}
	before := k.engine.runs.Load()
	if again := lines(`{"destination":["LAX"]}`); string(again["departures"].Values[0][0]) != string(some["departures"].Values[0][0]) {
		t.Error("what was kept is another's")
	}
	k.reached(t, before)
	d := clone(t, *k.declared)
	at := slices.IndexFunc(d.Questions, func(q oriel.Question) bool { return q.Key == "departures" })
	d.Questions[at].Structured = &oriel.Structured{Model: "flights", Aggregations: []oriel.Aggregation{{Function: "count", As: "departures", Where: []oriel.Filter{{Column: "destination", Op: "=", Value: "LAX"}}}}}
	k.declared = &d
	if changed, r := k.ask(t, operatorOf("DFW")); !r.CachedAt.IsZero() || changed == string(all["departures"].Values[0][0]) {
		t.Errorf("the question changed, and its answer is %s of %v", changed, r.CachedAt)
	}
}

func TestCache_grantsAreCheckedBeforeIt(t *testing.T) {
	k := openKeeping(t, 1<<20)
	k.ask(t, operatorOf("DFW"))
	for name, take := range map[string]func(*oriel.Group) oriel.Code{
		"the collection": func(g *oriel.Group) oriel.Code { g.Collections = nil; return oriel.CodeNotFound },
		"the source":     func(g *oriel.Group) oriel.Code { g.Sources = nil; return oriel.CodeForbidden },
	} {
		d := clone(t, *k.declared)
		d.Groups = slices.Clone(d.Groups)
		want := take(&d.Groups[0])
		kept := k.declared
		k.declared = &d
		if _, _, err := k.queries.RunQuestion(t.Context(), operatorOf("DFW"), "departures", nil); oriel.CodeOf(err) != want {
			t.Errorf("without the grant on %s: %v, want %s", name, err, want)
		}
		k.declared = kept
	}
}

func TestCache_aChangedPolicyHoldsForTheNextRequest(t *testing.T) {
	k := openKeeping(t, 1<<20)
	before, _ := k.ask(t, operatorOf("DFW"))
	d := clone(t, *k.declared)
	at := slices.IndexFunc(d.Policies, func(p oriel.Policy) bool { return p.Table.Table == "flights" })
	d.Policies[at].Rows = "origin = user.attr.airport and delay_minutes > 60"
	k.declared = &d
	if after, r := k.ask(t, operatorOf("DFW")); after == before || !r.CachedAt.IsZero() {
		t.Errorf("under the new policy %s of %v came, as before", after, r.CachedAt)
	}
}

func TestCache_aSourceOfOtherSettingsIsAnother(t *testing.T) {
	k := openKeeping(t, 1<<20)
	k.ask(t, operatorOf("DFW"))
	for name, change := range map[string]func(*oriel.Source){
		"address": func(s *oriel.Source) { s.URL = "postgres://127.0.0.1/other" },
		"role":    func(s *oriel.Source) { s.Role = "other" },
		"schema": func(s *oriel.Source) {
			s.Tables = slices.Clone(s.Tables)[:len(s.Tables):len(s.Tables)]
			s.Tables = append(s.Tables, oriel.SourceTable{Name: "other"})
		},
	} {
		d := clone(t, *k.declared)
		d.Sources = slices.Clone(d.Sources)
		change(&d.Sources[0])
		kept := k.declared
		k.declared = &d
		if _, r := k.ask(t, operatorOf("DFW")); !r.CachedAt.IsZero() {
			t.Errorf("with another %s what was kept was given", name)
		}
		k.declared = kept
	}
}

func TestCache_keepsNothingForLongerThanItMay(t *testing.T) {
	k := openKeeping(t, 1<<20)
	k.ask(t, operatorOf("DFW"))
	k.now.Store(59)
	k.ask(t, operatorOf("DFW"))
	k.reached(t, 1)
	k.now.Store(60)
	if _, r := k.ask(t, operatorOf("DFW")); !r.CachedAt.IsZero() {
		t.Error("what was too old was given")
	}
	k.reached(t, 2)
}

func TestCache_failuresAreNotKept(t *testing.T) {
	k := openKeeping(t, 1<<20)
	at := slices.IndexFunc(k.declared.Questions, func(q oriel.Question) bool { return q.Key == "worst-destinations" })
	k.declared.Questions[at].SQL, k.declared.Questions[at].Parameters = "select destination::integer as n from flights", nil
	for range 2 {
		if _, _, err := k.queries.RunQuestion(t.Context(), operatorOf("DFW"), "worst-destinations", nil); oriel.CodeOf(err) != oriel.CodeQueryFailed {
			t.Fatalf("%v", err)
		}
	}
	k.reached(t, 2)
}

// wait asks in a goroutine of its own.
func (k *keeping) wait(ctx context.Context, p oriel.Principal) <-chan error {
	ended := make(chan error, 1)
	go func() {
		_, r, err := k.queries.RunQuestion(ctx, p, "departures", nil)
		if err == nil && len(r.Values) == 0 {
			err = errors.New("no value came")
		}
		ended <- err
	}()
	return ended
}

func TestFlight_whoBeganAQueryMayLeaveTheOthers(t *testing.T) {
	k := openKeeping(t, 1<<20)
	k.engine.hold = make(chan struct{})
	leading, leave := context.WithCancel(t.Context())
	leader := k.wait(leading, operatorOf("DFW"))
	<-k.engine.begun
	followers := []<-chan error{k.wait(t.Context(), another("DFW")), k.wait(t.Context(), operatorOf("DFW"))}
	// Who sees something else waits for a query of their own.
	other := k.wait(t.Context(), operatorOf("ORD"))
	<-k.engine.begun
	time.Sleep(20 * time.Millisecond) // for the followers to join; were they late, they would find the same
	leave()
	if err := <-leader; !errors.Is(err, context.Canceled) {
		t.Errorf("who left got %v", err)
	}
	close(k.engine.hold)
	for _, ended := range append(followers, other) {
		if err := <-ended; err != nil {
			t.Errorf("who stayed got %v", err)
		}
	}
	k.reached(t, 2)
}

func TestFlight_endsInTheEngineWhenAllHaveLeft(t *testing.T) {
	k := openKeeping(t, 1<<20)
	k.engine.hold = make(chan struct{})
	ctx, leave := context.WithCancel(t.Context())
	waiting := []<-chan error{k.wait(ctx, operatorOf("DFW")), k.wait(ctx, another("DFW"))}
	<-k.engine.begun
	leave()
	for _, ended := range waiting {
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
	<-k.engine.ended
	// The next does not join what was given up.
	next := k.wait(t.Context(), operatorOf("DFW"))
	<-k.engine.begun
	close(k.engine.hold)
	if err := <-next; err != nil {
		t.Errorf("who came later got %v", err)
	}
}

func TestCache_staysWithinItsMemory(t *testing.T) {
	k := openKeeping(t, 16<<10) // a dozen small results
	for i := range 40 {
		airport := string([]byte{'A' + byte(i%26), 'A' + byte(i/26), 'X'})
		k.ask(t, operatorOf(airport))
	}
	k.reached(t, 40)
	last := string([]byte{'A' + 39%26, 'A' + 39/26, 'X'})
	if _, r := k.ask(t, operatorOf(last)); r.CachedAt.IsZero() {
		t.Error("the newest was not kept")
	}
	if _, r := k.ask(t, operatorOf("AAX")); !r.CachedAt.IsZero() {
		t.Error("the oldest is still kept beside forty others")
	}
	small := openKeeping(t, 600)
	small.ask(t, operatorOf("DFW"))
	if _, r := small.ask(t, operatorOf("DFW")); !r.CachedAt.IsZero() {
		t.Error("a result was kept that is most of the memory")
	}
}
