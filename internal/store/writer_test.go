package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

func tenant(i int) oriel.Tenant {
	return oriel.Tenant{Slug: oriel.TenantSlug(fmt.Sprintf("t%d", i)), Name: "T", Active: true}
}

// held keeps the writer busy until release is called, so that the writes that
// come meanwhile wait together.
func held(t *testing.T, s *store.Store) (release func()) {
	t.Helper()
	began, end, over := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		over <- s.Write(context.Background(), func(*store.Tx) error { close(began); <-end; return nil })
	}()
	<-began
	return func() {
		close(end)
		if err := <-over; err != nil {
			t.Error(err)
		}
	}
}

// waitFor polls until the condition holds; only a test that fails waits long.
func waitFor(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func TestWrite_waitingWritesShareACommit(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	release := held(t, s)
	before := store.Commits(s)
	const writes = 100
	var all sync.WaitGroup
	for i := range writes {
		all.Go(func() {
			err := s.Write(t.Context(), func(tx *store.Tx) error { return tx.InsertTenant(tenant(i), time.Now()) })
			if err != nil {
				t.Errorf("write %d: %v", i, err)
			}
		})
	}
	waitFor(t, "the writes to queue", func() bool { return store.Queued(s) == writes })
	release()
	all.Wait()
	if commits := store.Commits(s) - before; commits > 2 { // the held one, and theirs
		t.Errorf("%d writes took %d commits", writes, commits)
	}
	if n := count(t, outside(t, path), `SELECT count(*) FROM tenants`); n != writes {
		t.Errorf("%d writes are there, want %d", n, writes)
	}
}

func TestWrite_failingWriteDoesNotHurtOthers(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	release := held(t, s)
	refused := errors.New("refused")
	var all sync.WaitGroup
	for i := range 30 {
		all.Go(func() {
			defer func() {
				if p := recover(); (p != nil) != (i%3 == 2) {
					t.Errorf("write %d: panic %v", i, p)
				}
			}()
			err := s.Write(t.Context(), func(tx *store.Tx) error {
				if err := tx.InsertTenant(tenant(i), time.Now()); err != nil {
					return err
				}
				switch i % 3 {
				case 1:
					return refused
				case 2:
					panic("one request's")
				}
				return nil
			})
			if i%3 == 0 && err != nil || i%3 == 1 && !errors.Is(err, refused) {
				t.Errorf("write %d: %v", i, err)
			}
		})
	}
	waitFor(t, "the writes to queue", func() bool { return store.Queued(s) == 30 })
	release()
	all.Wait()
	if n := count(t, outside(t, path), `SELECT count(*) FROM tenants`); n != 10 {
		t.Errorf("%d writes are there, want the 10 that succeeded", n)
	}
}

func TestWrite_callerWhoLeftBeforeIsNotWritten(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	release := held(t, s)
	ctx, leave := context.WithCancel(t.Context())
	over := make(chan error)
	go func() {
		over <- s.Write(ctx, func(tx *store.Tx) error { return tx.InsertTenant(tenant(1), time.Now()) })
	}()
	waitFor(t, "the write to queue", func() bool { return store.Queued(s) == 1 })
	leave()
	release()
	if err := <-over; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if n := count(t, outside(t, path), `SELECT count(*) FROM tenants`); n != 0 {
		t.Error("it was written")
	}
}

// Whatever is answered is there, and Close answers everybody.
func TestClose_answersWhoeverWaits(t *testing.T) {
	path := newPath(t)
	s, err := store.Open(t.Context(), options(path))
	if err != nil {
		t.Fatal(err)
	}
	release := held(t, s)
	answers := make(chan error, 50)
	for i := range 50 {
		go func() {
			answers <- s.Write(context.Background(), func(tx *store.Tx) error { return tx.InsertTenant(tenant(i), time.Now()) })
		}()
	}
	waitFor(t, "the writes to queue", func() bool { return store.Queued(s) == 50 })
	closed := make(chan error)
	go func() { closed <- s.Close() }()
	release()
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	written := 0
	for range 50 {
		switch err := <-answers; {
		case err == nil:
			written++
		case !errors.Is(err, store.ErrClosed):
			t.Errorf("got %v", err)
		}
	}
	if n := count(t, outside(t, path), `SELECT count(*) FROM tenants`); n != written {
		t.Errorf("%d were answered as written, %d are there", written, n)
	}
	if err := s.Write(t.Context(), func(*store.Tx) error { return nil }); oriel.CodeOf(err) != oriel.CodeStoreUnavailable {
		t.Errorf("a write after Close: %v", err)
	}
	if err := s.Ready(t.Context()); oriel.CodeOf(err) != oriel.CodeStoreUnavailable {
		t.Errorf("ready after Close: %v", err)
	}
}
