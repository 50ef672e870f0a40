package store

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"time"
)

const (
	// pollEvery is how often the store looks whether another process changed
	// something; that must hold within 1 s (sign-in contract, preface).
	pollEvery = 200 * time.Millisecond
	// sweepEvery is how often what has expired is taken away.
	sweepEvery = time.Minute
)

// watch does the background work until ctx ends.
func (s *Store) watch(ctx context.Context) {
	defer close(s.background)
	poll, sweep := time.NewTicker(pollEvery), time.NewTicker(sweepEvery)
	defer poll.Stop()
	defer sweep.Stop()
	healthy := true
	for {
		select {
		case <-ctx.Done():
			return
		case <-poll.C:
			err := s.poll(ctx)
			if healthy {
				s.complain(ctx, "watch the store for changes", err)
			}
			healthy = err == nil
		case <-sweep.C:
			s.complain(ctx, "sweep the store", s.Sweep(ctx))
		}
	}
}

func (s *Store) complain(ctx context.Context, attempt string, err error) {
	if err != nil && ctx.Err() == nil {
		s.options.Log.Error("the store failed in the background", slog.String("attempt", attempt), slog.Any("error", err))
	}
}

// fileVersion is what one connection last saw of PRAGMA data_version, which
// changes with every commit of any other connection, in this process or not.
type fileVersion struct {
	conn *sql.Conn
	last int64
}

// read tells whether the file has changed since the last time.
func (v *fileVersion) read(ctx context.Context, db *sql.DB) (changed bool, err error) {
	if v.conn == nil {
		if v.conn, err = db.Conn(ctx); err != nil {
			return false, failed("connect", err)
		}
		v.last = -1
	}
	var version int64
	if err := v.conn.QueryRowContext(ctx, `PRAGMA data_version`).Scan(&version); err != nil {
		return false, errors.Join(failed("read the file's version", err), v.close())
	}
	changed = version != v.last
	v.last = version
	return changed, nil
}

// forget makes the next reading one that changed.
func (v *fileVersion) forget() { v.last = -1 }

func (v *fileVersion) close() error {
	if v.conn == nil {
		return nil
	}
	err := v.conn.Close()
	v.conn = nil
	return err
}
