package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

func writePromises() map[string]func(t *testing.T, d *database) {
	return map[string]func(t *testing.T, d *database){
		"an error leaves nothing":                           errorLeavesNothing,
		"a broken constraint leaves nothing and is ours":    brokenConstraintLeavesNothing,
		"a panic leaves nothing and is the caller's":        panicLeavesNothing,
		"a failing write does not touch its neighbours":     failingWriteTouchesNobody,
		"who left before is not written":                    whoLeftBeforeIsNotWritten,
		"who leaves meanwhile learns what became of it":     whoLeavesMeanwhileLearns,
		"what was answered is seen by every node at once":   answeredIsSeenAtOnce,
		"what was answered is there after another start":    answeredIsThereAfterAnotherStart,
		"a transaction is over when its function returns":   transactionIsOver,
		"a store that closes answers everybody truthfully":  closeAnswersTruthfully,
		"a closed store says so and can be closed again":    closedSaysSo,
		"writes of two nodes at once are all there, no two": writesOfTwoNodes,
	}
}

const tenants = `SELECT count(*) FROM tenants`

func tenant(i int) oriel.Tenant {
	return oriel.Tenant{Slug: oriel.TenantSlug(fmt.Sprintf("t%d", i)), Name: "T", Active: true}
}

// insertTenant is the smallest write.
func insertTenant(ctx context.Context, s *store.Store, i int) error {
	return s.Write(ctx, func(tx *store.Tx) error { return tx.InsertTenant(tenant(i), began()) })
}

func errorLeavesNothing(t *testing.T, d *database) {
	s := d.open(t)
	refused := errors.New("refused")
	err := s.Write(t.Context(), func(tx *store.Tx) error {
		return errors.Join(tx.InsertTenant(tenant(1), began()), tx.InsertTenant(tenant(2), began()), refused)
	})
	if !errors.Is(err, refused) {
		t.Errorf("got %v, want the function's own error", err)
	}
	d.wantCount(t, tenants, 0)
}

func brokenConstraintLeavesNothing(t *testing.T, d *database) {
	s := d.open(t)
	err := s.Write(t.Context(), func(tx *store.Tx) error {
		if err := tx.InsertTenant(tenant(1), began()); err != nil {
			return err
		}
		return tx.AddToGroup("usr_nobody", "no-such-group")
	})
	wantCode(t, err, oriel.CodeInternal)
	d.wantCount(t, tenants, 0)
}

// caught calls fn and gives what it panicked with.
func caught(fn func()) (thrown any) {
	defer func() { thrown = recover() }()
	fn()
	return nil
}

func panicLeavesNothing(t *testing.T, d *database) {
	s := d.open(t)
	thrown := caught(func() {
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			if err := tx.InsertTenant(tenant(1), began()); err != nil {
				return err
			}
			panic("one request's")
		})
		t.Errorf("it returned %v", err)
	})
	if thrown != "one request's" {
		t.Errorf("the caller caught %v", thrown)
	}
	d.wantCount(t, tenants, 0)
	must(t, insertTenant(t.Context(), s, 1))
}

// Whoever waits behind one write may share a commit with the others.
func failingWriteTouchesNobody(t *testing.T, d *database) {
	s := d.open(t)
	refused := errors.New("refused")
	const writes = 60
	release := hold(t, s)
	go func() {
		time.Sleep(50 * time.Millisecond) // long enough for most of them to wait together
		release()
	}()
	answers := atOnce(writes, func(i int) (err error) {
		thrown := caught(func() {
			err = s.Write(t.Context(), func(tx *store.Tx) error {
				if err := tx.InsertTenant(tenant(i), began()); err != nil {
					return err
				}
				switch i % 4 {
				case 1:
					return refused
				case 2:
					panic("one request's")
				case 3:
					return tx.AddToGroup("usr_nobody", "no-such-group")
				}
				return nil
			})
		})
		if (thrown != nil) != (i%4 == 2) {
			return fmt.Errorf("it panicked with %v", thrown)
		}
		return err
	})
	for i, err := range answers {
		switch {
		case i%4 == 1 && !errors.Is(err, refused), i%4 == 3 && oriel.CodeOf(err) != oriel.CodeInternal, i%2 == 0 && err != nil:
			t.Errorf("write %d: %v", i, err)
		}
	}
	d.wantCount(t, tenants, writes/4)
}

// hold keeps a write open until release is called.
func hold(t *testing.T, s *store.Store) (release func()) {
	t.Helper()
	inside, end, over := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		over <- s.Write(context.WithoutCancel(t.Context()), func(*store.Tx) error { close(inside); <-end; return nil })
	}()
	<-inside
	return func() {
		close(end)
		if err := <-over; err != nil {
			t.Error(err)
		}
	}
}

func whoLeftBeforeIsNotWritten(t *testing.T, d *database) {
	s := d.open(t)
	ctx, leave := context.WithCancel(t.Context())
	leave()
	for i := range 20 { // whether it gets as far as the queue is left to chance
		if err := insertTenant(ctx, s, i); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
	d.wantCount(t, tenants, 0)
}

func whoLeavesMeanwhileLearns(t *testing.T, d *database) {
	s := d.open(t)
	ctx, leave := context.WithCancel(t.Context())
	var begun atomic.Int64
	answers := atOnce(200, func(i int) error {
		if begun.Add(1) == 100 {
			leave()
		}
		return insertTenant(ctx, s, i)
	})
	written := 0
	for i, err := range answers {
		switch {
		case err == nil:
			written++
		case !errors.Is(err, context.Canceled):
			t.Errorf("write %d: %v", i, err)
		}
	}
	d.wantCount(t, tenants, written)
}

// An answer that came before the commit would be found out here.
func answeredIsSeenAtOnce(t *testing.T, d *database) {
	nodes := d.nodes(t)
	for _, err := range atOnce(64, func(i int) error {
		name := fmt.Sprint("s", i)
		err := nodes[0].Write(t.Context(), func(tx *store.Tx) error {
			u := user(i)
			if err := tx.InsertUser(u, began()); err != nil {
				return err
			}
			return tx.InsertSession(oriel.Session{ID: name, User: u.ID, Kind: oriel.SessionEmbed, Created: began(), Expires: began()}, digest(name))
		})
		if err != nil {
			return err
		}
		for n, s := range nodes {
			if _, found, err := s.FindSession(t.Context(), digest(name)); err != nil || !found {
				return fmt.Errorf("node %d: the session that was answered is found %v, %w", n, found, err)
			}
		}
		return nil
	}) {
		if err != nil {
			t.Error(err)
		}
	}
}

func answeredIsThereAfterAnotherStart(t *testing.T, d *database) {
	s := d.open(t)
	for _, err := range atOnce(64, func(i int) error { return insertTenant(t.Context(), s, i) }) {
		must(t, err)
	}
	mustClose(t, s)
	s = d.open(t)
	mustWrite(t, s, func(tx *store.Tx) error {
		for i := range 64 {
			if got, found, err := tx.FindTenant(tenant(i).Slug); err != nil || !found || !got.Active {
				t.Errorf("tenant %d is found %v, %v", i, found, err)
			}
		}
		return nil
	})
}

func transactionIsOver(t *testing.T, d *database) {
	s := d.open(t)
	var kept *store.Tx
	mustWrite(t, s, func(tx *store.Tx) error { kept = tx; return nil })
	if err := kept.InsertTenant(tenant(1), began()); err == nil {
		t.Error("a transaction could be used after its end")
	}
	if _, _, err := kept.FindTenant("t1"); err == nil {
		t.Error("a transaction could be read after its end")
	}
	d.wantCount(t, tenants, 0)
}

func closeAnswersTruthfully(t *testing.T, d *database) {
	s := d.open(t)
	var begun atomic.Int64
	answers := atOnce(100, func(i int) error {
		if begun.Add(1) == 50 {
			mustClose(t, s)
		}
		return insertTenant(t.Context(), s, i)
	})
	written := 0
	for _, err := range answers {
		switch {
		case err == nil:
			written++
		case !errors.Is(err, store.ErrClosed):
			t.Errorf("got %v", err)
		}
	}
	d.wantCount(t, tenants, written)
}

func closedSaysSo(t *testing.T, d *database) {
	s := d.open(t)
	must(t, s.Ready(t.Context()))
	mustClose(t, s)
	mustClose(t, s)
	wantCode(t, insertTenant(t.Context(), s, 1), oriel.CodeStoreUnavailable)
	wantCode(t, s.Ready(t.Context()), oriel.CodeStoreUnavailable)
	// What was read before counts for one more second and no longer.
	within(t, "a closed store confirms nothing", func() bool {
		return oriel.CodeOf(s.Confirm(t.Context())) == oriel.CodeStoreUnavailable
	})
}

func writesOfTwoNodes(t *testing.T, d *database) {
	nodes := d.nodes(t)
	for _, err := range atOnce(100, func(i int) error {
		return nodes[i%2].Write(t.Context(), func(tx *store.Tx) error {
			// Both nodes' halves want the same tenants: whoever comes second finds it.
			if _, found, err := tx.FindTenant(tenant(i / 2).Slug); err != nil || found {
				return err
			}
			return tx.InsertTenant(tenant(i/2), began())
		})
	}) {
		if err != nil {
			t.Error(err)
		}
	}
	d.wantCount(t, tenants, 50)
}
