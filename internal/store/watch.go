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
	// what is declared; that must hold within 1 s (sign-in contract, preface).
	pollEvery = 250 * time.Millisecond
	// sweepEvery is how often what has expired is taken away.
	sweepEvery = time.Minute
)

// watch does the background work until ctx ends.
func (s *Store) watch(ctx context.Context) {
	defer close(s.background)
	poll, sweep := time.NewTicker(pollEvery), time.NewTicker(sweepEvery)
	defer poll.Stop()
	defer sweep.Stop()
	var seen fileVersion
	defer func() { s.complain(ctx, "close the watch of the store", seen.close()) }()
	healthy := true
	for {
		select {
		case <-ctx.Done():
			return
		case <-poll.C:
			err := s.poll(ctx, &seen)
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

func (v *fileVersion) close() error {
	if v.conn == nil {
		return nil
	}
	err := v.conn.Close()
	v.conn = nil
	return err
}

// poll refreshes what is declared when the file has changed. A sign-in changes
// the file too; refresh then finds the revision unchanged.
func (s *Store) poll(ctx context.Context, seen *fileVersion) (err error) {
	if seen.conn == nil {
		if seen.conn, err = s.read.Conn(ctx); err != nil {
			return failed("connect", err)
		}
		seen.last = -1
	}
	var version int64
	if err := seen.conn.QueryRowContext(ctx, `PRAGMA data_version`).Scan(&version); err != nil {
		return errors.Join(failed("read the file's version", err), seen.close())
	}
	if version == seen.last {
		return nil
	}
	if err := s.refresh(ctx); err != nil {
		return err
	}
	seen.last = version
	return nil
}
