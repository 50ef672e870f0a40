package query_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// kept says for how long the question departures is kept.
func (k *keeping) kept(t *testing.T, seconds, stale int) {
	t.Helper()
	d := clone(t, *k.declared)
	d.Questions = slices.Clone(d.Questions)
	at := slices.IndexFunc(d.Questions, func(q oriel.Question) bool { return q.Key == "departures" })
	d.Questions[at].Cache = &oriel.QuestionCache{Seconds: seconds, Stale: stale}
	k.declared = &d
}

// until waits for what goes on in the background.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s does not come about", what)
		}
	}
}

func TestCache_aQuestionSaysForHowLong(t *testing.T) {
	for _, c := range []struct{ seconds, at, want int }{
		{0, 0, 2}, {5, 4, 1}, {5, 5, 2}, {600, 599, 1}, {600, 600, 2},
	} {
		k := openKeeping(t, 1<<20)
		k.kept(t, c.seconds, 0)
		k.ask(t, operatorOf("DFW"))
		k.now.Store(int64(c.at))
		k.ask(t, operatorOf("DFW"))
		k.reached(t, int32(c.want))
	}
}

func TestCache_withoutMemoryKeepsNothing(t *testing.T) {
	k := openKeeping(t, 0)
	k.kept(t, 600, 600)
	for range 3 {
		if _, r := k.ask(t, operatorOf("DFW")); !r.CachedAt.IsZero() {
			t.Error("a result was kept")
		}
	}
	k.reached(t, 3)
}

func TestCache_givesWhatIsStaleWhileANewerOneIsMade(t *testing.T) {
	k := openKeeping(t, 1<<20)
	k.kept(t, 10, 20)
	first, _ := k.ask(t, operatorOf("DFW"))
	k.engine.hold = make(chan struct{})
	k.now.Store(10)
	// Many at once, and only one newer result is under way.
	for range 20 {
		if figure, r := k.ask(t, another("DFW")); figure != first || r.CachedAt.Unix() != 1_000_000_000 {
			t.Fatalf("%s of %v", figure, r.CachedAt)
		}
	}
	<-k.engine.begun
	k.reached(t, 2)
	close(k.engine.hold)
	until(t, "the newer result", func() bool {
		_, r := k.ask(t, operatorOf("DFW"))
		return r.CachedAt.Unix() == 1_000_000_010
	})
	k.reached(t, 2)
	// Beyond its second time nothing is given.
	k.now.Store(40)
	if _, r := k.ask(t, operatorOf("DFW")); !r.CachedAt.IsZero() {
		t.Errorf("what is too old was given: %v", r.CachedAt)
	}
	k.reached(t, 3)
}

// Whatever changes what somebody may see, the older result is no longer theirs.
func TestCache_whatIsStaleCrossesNoChange(t *testing.T) {
	policy := func(d *oriel.Declaration) *oriel.Policy {
		d.Policies = slices.Clone(d.Policies)
		return &d.Policies[slices.IndexFunc(d.Policies, func(p oriel.Policy) bool { return p.Table.Table == "flights" })]
	}
	source := func(d *oriel.Declaration) *oriel.Source {
		d.Sources = slices.Clone(d.Sources)
		return &d.Sources[0]
	}
	with := func(groups ...oriel.GroupKey) oriel.Principal {
		return oriel.NewPrincipal(oriel.User{ID: "usr_DFW", Active: true, Attributes: oriel.Attributes{"airport": oriel.Text("DFW")}, Groups: groups}, oriel.SessionEmbed)
	}
	for name, change := range map[string]func(*oriel.Declaration) oriel.Principal{
		"policy": func(d *oriel.Declaration) oriel.Principal {
			policy(d).Rows = "origin = user.attr.airport and delay_minutes > 60"
			return operatorOf("DFW")
		},
		"policy's mask": func(d *oriel.Declaration) oriel.Principal {
			policy(d).Columns = map[string]oriel.Mask{"delay_minutes": oriel.MaskEmpty}
			return operatorOf("DFW")
		},
		"policy taken away": func(d *oriel.Declaration) oriel.Principal {
			d.Policies = slices.DeleteFunc(slices.Clone(d.Policies), func(p oriel.Policy) bool { return p.Table.Table == "flights" })
			return operatorOf("DFW")
		},
		"exemption": func(d *oriel.Declaration) oriel.Principal {
			policy(d).Exempt = []oriel.GroupKey{"operators"}
			return operatorOf("DFW")
		},
		"attribute":          func(*oriel.Declaration) oriel.Principal { return operatorOf("ORD") },
		"attribute lost":     func(*oriel.Declaration) oriel.Principal { return operatorOf("") },
		"data":               func(d *oriel.Declaration) oriel.Principal { source(d).Revision = "other"; return operatorOf("DFW") },
		"source's settings":  func(d *oriel.Declaration) oriel.Principal { source(d).Role = "other"; return operatorOf("DFW") },
		"collection's grant": func(d *oriel.Declaration) oriel.Principal { d.Groups[0].Collections = nil; return operatorOf("DFW") },
		"source's grant":     func(d *oriel.Declaration) oriel.Principal { d.Groups[0].Sources = nil; return operatorOf("DFW") },
		"group left":         func(*oriel.Declaration) oriel.Principal { return with(oriel.GroupAllUsers) },
		"question's own text": func(d *oriel.Declaration) oriel.Principal {
			d.Questions[0].Description = "another"
			d.Questions[0].Cache.Seconds = 11
			return operatorOf("DFW")
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := openKeeping(t, 1<<20)
			d := clone(t, *k.declared)
			at := slices.IndexFunc(d.Questions, func(q oriel.Question) bool { return q.Key == "departures" })
			d.Questions = []oriel.Question{d.Questions[at]}
			d.Questions[0].Cache = &oriel.QuestionCache{Seconds: 10, Stale: 1000}
			k.declared = &d
			k.ask(t, operatorOf("DFW"))
			k.now.Store(10)
			changed := clone(t, d)
			changed.Groups = slices.Clone(changed.Groups)
			p := change(&changed)
			k.declared = &changed
			_, r, err := k.queries.RunQuestion(t.Context(), p, "departures", nil)
			if err == nil && !r.CachedAt.IsZero() {
				t.Errorf("what was made before was given, of %v", r.CachedAt)
			}
			if strings.HasSuffix(name, "grant") && err == nil {
				t.Error("it was given without the grant")
			}
		})
	}
}

func TestCache_aFailedRenewalLeavesWhatIsThereUntilItIsTooOld(t *testing.T) {
	k := openKeeping(t, 1<<20)
	k.kept(t, 10, 20)
	k.ask(t, operatorOf("DFW"))
	k.engine.fail.Store(true)
	k.now.Store(29)
	if _, r := k.ask(t, operatorOf("DFW")); r.CachedAt.Unix() != 1_000_000_000 {
		t.Errorf("%v", r.CachedAt)
	}
	until(t, "the renewal", func() bool { return k.engine.runs.Load() >= 2 })
	k.now.Store(30)
	if _, _, err := k.queries.RunQuestion(t.Context(), operatorOf("DFW"), "departures", nil); oriel.CodeOf(err) != oriel.CodeQueryFailed {
		t.Errorf("beyond its time: %v", err)
	}
}

// What runs for nobody is bounded, and ends with the server.
func TestCache_renewsFewAtOnceAndNothingAfterItsEnd(t *testing.T) {
	k := openKeeping(t, 1<<20)
	k.kept(t, 10, 1000)
	airport := func(i int) oriel.Principal { return operatorOf(fmt.Sprintf("A%02d", i)) }
	for i := range 12 {
		k.ask(t, airport(i))
	}
	k.engine.hold = make(chan struct{})
	k.now.Store(11)
	for i := range 12 {
		if _, r := k.ask(t, airport(i)); r.CachedAt.IsZero() {
			t.Error("what is stale was not given")
		}
	}
	for range 4 {
		<-k.engine.begun
	}
	select {
	case <-k.engine.begun:
		t.Error("more than four renewals are under way")
	case <-time.After(50 * time.Millisecond):
	}
	k.queries.Close()
	for range 4 {
		<-k.engine.ended
	}
	before := k.engine.runs.Load()
	k.ask(t, airport(0))
	k.queries.Close()
	k.reached(t, before)
}

// Somebody who leaves ends no renewal that others get the fruits of.
func TestCache_aRenewalIsNobodysToEnd(t *testing.T) {
	k := openKeeping(t, 1<<20)
	k.kept(t, 10, 20)
	k.ask(t, operatorOf("DFW"))
	k.engine.hold = make(chan struct{})
	k.now.Store(11)
	k.ask(t, operatorOf("DFW"))
	<-k.engine.begun
	k.now.Store(50) // nothing is given any more: who asks joins what is under way
	ctx, leave := context.WithCancel(t.Context())
	gone := k.wait(ctx, operatorOf("DFW"))
	time.Sleep(20 * time.Millisecond)
	leave()
	if err := <-gone; err == nil {
		t.Error("who left got an answer")
	}
	close(k.engine.hold)
	until(t, "the renewed result", func() bool {
		k.now.Store(12)
		_, r := k.ask(t, operatorOf("DFW"))
		return r.CachedAt.Unix() == 1_000_000_011
	})
	k.reached(t, 2)
}
