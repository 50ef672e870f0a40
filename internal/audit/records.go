package audit

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

const (
	// perAddress is how many lazy records one address gets in a minute; the
	// rest are counted in one (§7).
	perAddress = 100
	// inAll is how many of all addresses are written one by one in a minute: who
	// has an IPv6 network of thousands of /64 could fill the disk otherwise. The
	// others are counted too, each address's first with its reference.
	inAll = 10_000
	// addresses and waiting bound the memory that lazy records may take; what
	// does not fit is counted under no address.
	addresses = 10_000
	waiting   = 4_096
	// flushEvery is how long a lazy record may wait.
	flushEvery = 250 * time.Millisecond
	// writeWithin bounds one write of records.
	writeWithin = 10 * time.Second
)

// Store keeps records.
type Store interface {
	InsertSignInRecords(ctx context.Context, records []oriel.SignInRecord) error
}

// Records keeps the records of sign-in attempts.
type Records struct {
	store Store
	clock func() time.Time
	log   *slog.Logger

	mu      sync.Mutex
	queue   []oriel.SignInRecord
	minute  int64
	single  int                            // records of this minute
	seen    map[string]int                 // attempts of this minute, by address
	counted map[string]*oriel.SignInRecord // what went beyond, by address

	writing sync.Mutex // one flush at a time
	closing chan struct{}
	closed  chan struct{}
}

// NewRecords makes Records; Close it, for lazy records to be written.
func NewRecords(store Store, clock func() time.Time, log *slog.Logger) *Records {
	r := &Records{
		store: store, clock: clock, log: log,
		seen: make(map[string]int), counted: make(map[string]*oriel.SignInRecord),
		closing: make(chan struct{}), closed: make(chan struct{}),
	}
	go r.run()
	return r
}

// Keep writes a record now. A caller who went away does not stop it.
func (r *Records) Keep(ctx context.Context, record oriel.SignInRecord) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeWithin)
	defer cancel()
	return r.store.InsertSignInRecords(ctx, []oriel.SignInRecord{record})
}

// KeepLazily writes the record of an attempt that was refused before its
// signature was found good, soon: at most 100 a minute for one address (/64 in
// IPv6), the others as one record that counts them. It never waits.
func (r *Records) KeepLazily(record oriel.SignInRecord) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turnMinute()
	address := oriel.ClientNetwork(record.ClientIP)
	if _, known := r.seen[address]; !known && len(r.seen) >= addresses {
		address = ""
	}
	r.seen[address]++
	if r.seen[address] <= perAddress && r.single < inAll && len(r.queue) < waiting {
		r.single++
		r.queue = append(r.queue, record)
		return
	}
	if one, ok := r.counted[address]; ok {
		one.Attempts++
		return
	}
	// The first of those counted lends its time and outcome; what it said of
	// itself does not stand for the others.
	r.counted[address] = &oriel.SignInRecord{
		Reference: record.Reference, At: record.At, Method: record.Method, ClientIP: address,
		Outcome: record.Outcome, Attempts: 1,
	}
}

// turnMinute ends the count of a past minute. The lock is held.
func (r *Records) turnMinute() {
	minute := r.clock().Unix() / 60
	if minute == r.minute {
		return
	}
	r.minute, r.single = minute, 0
	for _, one := range r.counted {
		r.queue = append(r.queue, *one)
	}
	clear(r.counted)
	clear(r.seen)
}

// Flush writes the lazy records that wait; the counts of the running minute
// stay open.
func (r *Records) Flush(ctx context.Context) error { return r.flush(ctx, false) }

func (r *Records) flush(ctx context.Context, all bool) error {
	r.writing.Lock()
	defer r.writing.Unlock()
	r.mu.Lock()
	r.turnMinute()
	if all {
		for _, one := range r.counted {
			r.queue = append(r.queue, *one)
		}
		clear(r.counted)
	}
	batch := r.queue
	r.queue = nil
	r.mu.Unlock()
	if len(batch) == 0 {
		return nil
	}
	return r.store.InsertSignInRecords(ctx, batch)
}

func (r *Records) run() {
	defer close(r.closed)
	ticker := time.NewTicker(flushEvery)
	defer ticker.Stop()
	for closing := false; !closing; {
		select {
		case <-ticker.C:
		case <-r.closing:
			closing = true
		}
		ctx, cancel := context.WithTimeout(context.Background(), writeWithin)
		if err := r.flush(ctx, closing); err != nil {
			r.log.Error("sign-in records were lost", slog.Any("error", err))
		}
		cancel()
	}
}

// Close writes all that waits. Nothing may be kept after it.
func (r *Records) Close() {
	close(r.closing)
	<-r.closed
}
