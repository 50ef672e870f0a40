package audit_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/audit"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// shelf is what was written.
type shelf struct {
	mu      sync.Mutex
	records []oriel.SignInRecord
}

func (s *shelf) InsertSignInRecords(_ context.Context, records []oriel.SignInRecord) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = append(s.records, records...)
	return nil
}

// of is how many records stand for how many attempts from an address.
func (s *shelf) of(address string) (records, attempts int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.records {
		if r.ClientIP == address {
			records++
			attempts += max(r.Attempts, 1)
		}
	}
	return records, attempts
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) wait(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func refusal(ip string) oriel.SignInRecord {
	return oriel.SignInRecord{ClientIP: ip, Outcome: oriel.CodeTokenMalformed}
}

func TestKeepLazily_floodIsCounted(t *testing.T) {
	s, c := &shelf{}, &clock{now: time.Unix(1_790_000_000, 0)}
	r := audit.NewRecords(s, c.Now, slog.New(slog.DiscardHandler))
	for range 1000 {
		r.KeepLazily(refusal("192.0.2.1"))
	}
	r.KeepLazily(refusal("192.0.2.2"))
	flush(t, r)
	if records, _ := s.of("192.0.2.1"); records != 100 {
		t.Errorf("%d records of one address in a minute, want 100", records)
	}
	if records, _ := s.of("192.0.2.2"); records != 1 {
		t.Errorf("the neighbour has %d records, want 1", records)
	}
	c.wait(time.Minute)
	r.KeepLazily(refusal("192.0.2.1"))
	flush(t, r)
	if records, attempts := s.of("192.0.2.1"); records != 102 || attempts != 1001 {
		t.Errorf("%d records stand for %d attempts, want 102 for 1001", records, attempts)
	}
	r.Close()
}

func TestKeepLazily_networkOfIPv6IsOneAddress(t *testing.T) {
	s, c := &shelf{}, &clock{now: time.Unix(1_790_000_000, 0)}
	r := audit.NewRecords(s, c.Now, slog.New(slog.DiscardHandler))
	for i := range 300 {
		r.KeepLazily(refusal(fmt.Sprintf("2001:db8:1:2::%x", i)))
	}
	r.Close() // writes what waits, the count too
	if records, attempts := s.of("2001:db8:1:2::/64"); records != 1 || attempts != 200 {
		t.Errorf("%d records count %d attempts, want 1 for 200", records, attempts)
	}
}

func TestKeepLazily_manyAddressesAreBounded(t *testing.T) {
	s, c := &shelf{}, &clock{now: time.Unix(1_790_000_000, 0)}
	r := audit.NewRecords(s, c.Now, slog.New(slog.DiscardHandler))
	const attempts = 30_000
	for i := range attempts {
		r.KeepLazily(refusal(fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255)))
	}
	r.Close()
	total := 0
	for _, one := range s.records {
		total += max(one.Attempts, 1)
	}
	if total != attempts {
		t.Errorf("the records stand for %d attempts, want %d", total, attempts)
	}
	if len(s.records) > 21_000 {
		t.Errorf("%d records for %d attempts", len(s.records), attempts)
	}
}

// Whoever has a /48 of IPv6 has 65,536 networks.
func TestKeepLazily_manyAddressesTogetherAreBounded(t *testing.T) {
	s, c := &shelf{}, &clock{now: time.Unix(1_790_000_000, 0)}
	r := audit.NewRecords(s, c.Now, slog.New(slog.DiscardHandler))
	for range 50 {
		for i := range 1000 {
			r.KeepLazily(refusal(fmt.Sprintf("2001:db8:0:%x::1", i)))
		}
		flush(t, r)
	}
	if len(s.records) != 10_000 {
		t.Errorf("%d records were written one by one, want 10,000", len(s.records))
	}
	r.KeepLazily(oriel.SignInRecord{ClientIP: "192.0.2.1", Reference: "XK7-4QF", Outcome: oriel.CodeTokenExpired})
	c.wait(time.Minute)
	r.KeepLazily(refusal("192.0.2.2"))
	flush(t, r)
	total := 0
	for _, one := range s.records {
		total += max(one.Attempts, 1)
	}
	if total != 50_002 || len(s.records) != 11_002 {
		t.Errorf("%d records stand for %d attempts, want 11,002 for 50,002", len(s.records), total)
	}
	// Somebody else's attempt amid all that is found by its reference.
	if records, _ := s.of("192.0.2.1"); records != 1 || s.records[len(s.records)-1].ClientIP != "192.0.2.2" {
		t.Errorf("%d records of the one who failed meanwhile", records)
	}
	r.Close()
}

func flush(t *testing.T, r *audit.Records) {
	t.Helper()
	if err := r.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}
