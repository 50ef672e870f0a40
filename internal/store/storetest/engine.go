package storetest

import (
	"crypto/rand"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

// Engine is one empty database, seen from outside the store.
type Engine interface {
	// URL is what [store.Options] takes.
	URL() string
	// Count is the one number that a query tells.
	Count(t *testing.T, query string) int
	// Exec changes the database behind the store's back.
	Exec(t *testing.T, text string)
	// Dump is all that a thief of the files, or of a backup, could read.
	Dump(t *testing.T) []byte
}

// Run holds the engine to every promise, each on a database of its own.
func Run(t *testing.T, fresh func(t *testing.T) Engine) {
	for _, group := range []struct {
		name     string
		promises map[string]func(t *testing.T, d *database)
	}{
		{"write", writePromises()}, {"one use", oneUsePromises()}, {"people", peoplePromises()},
		{"apply", applyPromises()}, {"operate", operatePromises()}, {"session", sessionPromises()},
		{"revoke", revokePromises()}, {"notice", noticePromises()}, {"API key", apiKeyPromises()},
		{"user", userPromises()}, {"record", recordPromises()}, {"sweep", sweepPromises()}, {"open", openPromises()},
		{"administer", administerPromises()}, {"policy", policyPromises()}, {"SAML", samlPromises()},
	} {
		t.Run(group.name, func(t *testing.T) {
			for name, keep := range group.promises {
				t.Run(name, func(t *testing.T) { keep(t, &database{Engine: fresh(t), clock: &clock{now: began()}}) })
			}
		})
	}
}

// database is where one promise is tried.
type database struct {
	Engine
	clock *clock
}

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

// began is when every trial begins.
func began() time.Time { return time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC) }

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

const siteURL = "http://127.0.0.1:7420"

func (d *database) options() store.Options {
	return store.Options{
		URL: d.URL(), InstanceKey: []byte("0123456789abcdef0123456789abcdef"),
		Origins: oriel.OriginOptions{SiteURL: siteURL},
		Clock:   d.clock.read, Random: rand.Reader, Log: slog.New(slog.DiscardHandler),
	}
}

// open is one more node on the database.
func (d *database) open(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), d.options())
	if err != nil {
		t.Fatalf("open the store: %v", err)
	}
	t.Cleanup(func() { mustClose(t, s) })
	return s
}

// nodes are two of them.
func (d *database) nodes(t *testing.T) []*store.Store {
	t.Helper()
	return []*store.Store{d.open(t), d.open(t)}
}

func mustClose(t *testing.T, s *store.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Errorf("close the store: %v", err)
	}
}
