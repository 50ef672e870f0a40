package storetest

import (
	"encoding/hex"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

func noticePromises() map[string]func(t *testing.T, d *database) {
	return map[string]func(t *testing.T, d *database){
		"each change is told: here before its answer, elsewhere in a second": eachChangeIsTold,
		"a write that failed tells nothing":                                  failedWriteTellsNothing,
		"a new person's arrival tells nothing":                               arrivalTellsNothing,
		"what is told is in force":                                           toldIsInForce,
	}
}

// told collects what a node was told.
type told struct {
	mu  sync.Mutex
	all []oriel.Notice
}

func watch(s *store.Store) *told {
	w := &told{}
	s.Watch(func(notices []oriel.Notice) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.all = append(w.all, notices...)
	})
	return w
}

// has also holds when the node was told to forget everything.
func (w *told) has(n oriel.Notice) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Contains(w.all, n) || slices.Contains(w.all, oriel.Notice{Kind: oriel.NoticeAll})
}

func (w *told) clear() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = nil
}

func (w *told) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.all)
}

func sessionNotice(id string) oriel.Notice {
	hash := digest(id)
	return oriel.Notice{Kind: oriel.NoticeSession, Key: hex.EncodeToString(hash[:])}
}

func eachChangeIsTold(t *testing.T, d *database) {
	own, other := d.open(t), d.open(t)
	apron, _ := crowd(t, own)
	insertSession(t, own, oriel.Session{ID: "legacy", User: "usr_none", Kind: oriel.SessionBackend, Bindable: true, Created: began(), Expires: later()})
	here, there := watch(own), watch(other)
	ctx := t.Context()
	all, acme := oriel.Notice{Kind: oriel.NoticeAll}, oriel.Notice{Kind: oriel.NoticeUser, Key: "usr_acme"}
	for _, one := range []struct {
		name   string
		change func() error
		want   []oriel.Notice
	}{
		{"a session ends", func() error { _, err := own.EndOwnSession(ctx, digest("a1"), later()); return err }, []oriel.Notice{sessionNotice("a1")}},
		{"a session is ended", func() error { _, err := own.EndSession(ctx, "usr_admin", "d1", "", later()); return err }, []oriel.Notice{sessionNotice("d1")}},
		{"a user's end", func() error { _, err := own.EndUserSessions(ctx, "usr_admin", "usr_acme", later()); return err },
			[]oriel.Notice{sessionNotice("b1"), sessionNotice("c2")}},
		{"a tenant's end", func() error { _, err := own.EndTenantSessions(ctx, "usr_admin", "globex", later()); return err }, []oriel.Notice{sessionNotice("e1")}},
		{"a key's end", func() error { _, err := own.EndKeySessions(ctx, "usr_admin", "other", "one", later()); return err },
			[]oriel.Notice{sessionNotice("f2"), sessionNotice("g2")}},
		{"a session is bound", func() error { _, err := own.BindSession(ctx, digest("legacy"), "https://a.example"); return err }, []oriel.Notice{sessionNotice("legacy")}},
		{"a group is joined", func() error {
			return own.Write(ctx, func(tx *store.Tx) error { return tx.AddToGroup("usr_acme", "operators") })
		}, []oriel.Notice{acme}},
		{"a group is left", func() error {
			return own.Write(ctx, func(tx *store.Tx) error { return tx.RemoveFromGroup("usr_acme", "operators") })
		}, []oriel.Notice{acme}},
		{"attributes change", func() error {
			return own.Write(ctx, func(tx *store.Tx) error {
				return tx.SetSignInAttributes("usr_acme", apron.ID, oriel.Attributes{"airport": oriel.Text("ORD")})
			})
		}, []oriel.Notice{acme}},
		{"a user is deactivated", func() error { return own.SetUserActive(ctx, "usr_admin", "usr_acme", false, later()) }, []oriel.Notice{acme}},
		{"a tenant is deactivated", func() error { return own.SetTenantActive(ctx, "usr_admin", "acme", false, later()) }, []oriel.Notice{all}},
		{"a key is deleted", func() error { _, err := own.DeleteKey(ctx, "operator", "apron", "one"); return err }, []oriel.Notice{all}},
		{"a key is retired", func() error { _, err := own.RetireKey(ctx, "operator", "apron", "two", later()); return err }, []oriel.Notice{all}},
	} {
		here.clear()
		there.clear()
		must(t, one.change())
		for _, n := range one.want {
			if !here.has(n) {
				t.Errorf("%s: answered before %v was told", one.name, n)
			}
			within(t, one.name+": the other node is told", func() bool { return there.has(n) })
		}
	}
}

func failedWriteTellsNothing(t *testing.T, d *database) {
	own, other := d.open(t), d.open(t)
	crowd(t, own)
	must(t, other.Confirm(t.Context()))
	here, there := watch(own), watch(other)
	refused := errors.New("refused")
	err := own.Write(t.Context(), func(tx *store.Tx) error {
		if err := tx.AddToGroup("usr_acme", "operators"); err != nil {
			return err
		}
		return refused
	})
	if !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
	// Something that both are told of afterwards: what came before it has come.
	must(t, endOwn(t, own, "a1"))
	within(t, "the other node is told", func() bool { return there.has(sessionNotice("a1")) })
	for _, w := range []*told{here, there} {
		w.mu.Lock()
		if slices.Contains(w.all, oriel.Notice{Kind: oriel.NoticeUser, Key: "usr_acme"}) {
			t.Errorf("a change that was not made was told: %v", w.all)
		}
		w.mu.Unlock()
	}
}

func endOwn(t *testing.T, s *store.Store, id string) error {
	t.Helper()
	_, err := s.EndOwnSession(t.Context(), digest(id), later())
	return err
}

func arrivalTellsNothing(t *testing.T, d *database) {
	s := d.open(t)
	must(t, firstApply(t, s))
	p := s.Declared().Providers[0]
	must(t, s.Confirm(t.Context()))
	w := watch(s)
	mustWrite(t, s, func(tx *store.Tx) error { return arrive(tx, p, 0, "token") })
	if n := w.count(); n != 0 {
		t.Errorf("%d notices of somebody whom nobody has read: %v", n, w.all)
	}
}

// Whoever reads again because of a notice reads the new state.
func toldIsInForce(t *testing.T, d *database) {
	own, other := d.open(t), d.open(t)
	crowd(t, own)
	type reading struct {
		node  string
		ended bool
	}
	read := make(chan reading, 100)
	for name, s := range map[string]*store.Store{"own": own, "other": other} {
		s.Watch(func(notices []oriel.Notice) {
			if !slices.Contains(notices, sessionNotice("a1")) {
				return
			}
			state, found, err := s.FindSession(t.Context(), digest("a1"))
			read <- reading{name, err == nil && found && !state.Session.Ended.IsZero()}
		})
	}
	must(t, endOwn(t, own, "a1"))
	seen := make(map[string]bool)
	within(t, "both nodes are told", func() bool {
		select {
		case r := <-read:
			if seen[r.node] = true; !r.ended {
				t.Errorf("the %s node was told before it was so", r.node)
			}
		default:
		}
		return len(seen) == 2
	})
}
