package store

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

const (
	// confirmedFor is how long what a node read counts as current without
	// having looked for other nodes' changes (sign-in contract §3.5).
	confirmedFor = time.Second
	// noticesKept is how long other processes may take to read a notice; one
	// that was away for longer forgets all that it read.
	noticesKept = time.Hour
)

// feed passes notices on to whoever watches, and knows up to when it has seen
// those of other processes.
type feed struct {
	mu       sync.Mutex
	watchers []func([]oriel.Notice)

	polling   sync.Mutex // one poll at a time; guards what follows
	seen      fileVersion
	last      int64 // number of the newest notice that was passed on
	confirmed confirmation
}

// Watch calls fn with each batch of notices: those of this store's own writes
// before the write is answered, those of other processes within 1 s. fn must
// be quick and must not write. Watch before anything is read that notices are
// to keep right.
func (s *Store) Watch(fn func([]oriel.Notice)) {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	s.feed.watchers = append(s.feed.watchers, fn)
}

func (f *feed) publish(notices []oriel.Notice) {
	if len(notices) == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, fn := range f.watchers {
		fn(notices)
	}
}

// notify tells everybody, once the transaction is committed, that what they
// read before may be stale.
func (tx *Tx) notify(n oriel.Notice) error {
	if slices.Contains(tx.notices, n) {
		return nil
	}
	tx.notices = append(tx.notices, n)
	return tx.change("keep a notice", `INSERT INTO notices (at, kind, key) VALUES (?, ?, ?)`,
		micros(tx.writer.store.options.Clock()), string(n.Kind), n.Key)
}

// personChanged is the notice of whatever is kept of a user, but for one who
// was made in this transaction: nobody can have read about them before.
func (tx *Tx) personChanged(user oriel.UserID, err error) error {
	if err != nil || slices.Contains(tx.made, user) {
		return err
	}
	return tx.notify(oriel.Notice{Kind: oriel.NoticeUser, Key: string(user)})
}

// Confirm tells that all changes that others made up to a second ago have been
// passed on; it looks for them when that is not known. Errors: store_unavailable,
// and then nothing that was read before may be relied on.
func (s *Store) Confirm(ctx context.Context) error {
	select {
	case <-s.writer.closing:
		return unavailable(ErrClosed)
	default:
	}
	if s.feed.confirmed.recent(s.options.Clock()) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, confirmedFor)
	defer cancel()
	if err := s.poll(ctx); err != nil {
		return unavailable(err)
	}
	return nil
}

// poll passes on what others have changed since the last time, and refreshes
// what is declared. A sign-in changes the file too; then there is nothing new.
func (s *Store) poll(ctx context.Context) error {
	f := &s.feed
	f.polling.Lock()
	defer f.polling.Unlock()
	began := s.options.Clock()
	if age, known := f.confirmed.age(began); known && age > noticesKept/2 {
		// Asleep for so long that notices may have been swept unread.
		f.publish([]oriel.Notice{{Kind: oriel.NoticeAll}})
		f.seen.forget()
	}
	changed, err := f.seen.read(ctx, s.read)
	if err != nil {
		return err
	}
	if changed {
		if err := s.refresh(ctx); err != nil {
			f.seen.forget()
			return err
		}
		if err := s.passOn(ctx); err != nil {
			f.seen.forget()
			return err
		}
	}
	f.confirmed.set(began)
	return nil
}

// passOn publishes the notices that came since the last time.
func (s *Store) passOn(ctx context.Context) (err error) {
	f := &s.feed
	var oldest, newest int64
	if err := s.read.QueryRowContext(ctx, `SELECT coalesce(min(seq), 0), coalesce(max(seq), 0) FROM notices`).Scan(&oldest, &newest); err != nil {
		return failed("read the notices", err)
	}
	if newest <= f.last {
		return nil
	}
	if oldest > f.last+1 {
		// Some were swept before they were read here.
		f.publish([]oriel.Notice{{Kind: oriel.NoticeAll}})
		f.last = newest
		return nil
	}
	rows, err := s.read.QueryContext(ctx, `SELECT seq, kind, key FROM notices WHERE seq > ? ORDER BY seq`, f.last)
	if err != nil {
		return failed("read the notices", err)
	}
	defer func() { _ = rows.Close() }()
	var notices []oriel.Notice
	last := f.last
	for rows.Next() {
		var n oriel.Notice
		if err := rows.Scan(&last, &n.Kind, &n.Key); err != nil {
			return failed("read the notices", err)
		}
		notices = append(notices, n)
	}
	if err := rows.Err(); err != nil {
		return failed("read the notices", err)
	}
	f.publish(notices)
	f.last = last
	return nil
}

// startFeed begins behind the newest notice: nothing has been read yet.
func (s *Store) startFeed(ctx context.Context) error {
	if err := s.read.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM notices`).Scan(&s.feed.last); err != nil {
		return failed("read the notices", err)
	}
	return s.poll(ctx)
}

func (f *feed) close() error {
	f.polling.Lock()
	defer f.polling.Unlock()
	return f.seen.close()
}
