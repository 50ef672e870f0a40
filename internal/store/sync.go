package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// syncSilence is for how long a sync may tell nothing of itself before it counts
// as interrupted: whoever runs it tells each second.
const syncSilence = 15 * time.Second

const syncSQL = `SELECT beat, cancelled, document FROM source_syncs`

// FindSync finds the newest sync of a source. What one found that has ended is
// declared when this returns.
func (s *Store) FindSync(ctx context.Context, source string) (oriel.Sync, bool, error) {
	var beat int64
	var cancelled bool
	var text string
	err := s.read.QueryRowContext(ctx, syncSQL+` WHERE source = ?`, source).Scan(&beat, &cancelled, &text)
	if errors.Is(err, sql.ErrNoRows) {
		return oriel.Sync{}, false, nil
	}
	if err != nil {
		return oriel.Sync{}, false, failed("find a sync", err)
	}
	sync, err := s.readSync(beat, cancelled, text)
	if err == nil && !sync.State.Live() {
		err = s.refresh(ctx)
	}
	return sync, err == nil, err
}

// ListSyncs gives the newest sync of each source that had one, by its key.
func (s *Store) ListSyncs(ctx context.Context) (_ map[string]oriel.Sync, err error) {
	rows, err := s.read.QueryContext(ctx, syncSQL)
	if err != nil {
		return nil, failed("list the syncs", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	all := map[string]oriel.Sync{}
	for rows.Next() {
		var beat int64
		var cancelled bool
		var text string
		if err := rows.Scan(&beat, &cancelled, &text); err != nil {
			return nil, failed("list the syncs", err)
		}
		sync, err := s.readSync(beat, cancelled, text)
		if err != nil {
			return nil, err
		}
		all[sync.Source] = sync
	}
	return all, failed("list the syncs", rows.Err())
}

func (s *Store) readSync(beat int64, cancelled bool, text string) (oriel.Sync, error) {
	var sync oriel.Sync
	if err := json.Unmarshal([]byte(text), &sync); err != nil {
		return oriel.Sync{}, fmt.Errorf("a stored sync: %w", err)
	}
	switch {
	case !sync.State.Live():
	case s.options.Clock().Sub(time.UnixMicro(beat)) > syncSilence:
		sync.State = oriel.SyncInterrupted
	case cancelled:
		sync.State = oriel.SyncCancelling
	}
	return sync, nil
}

// findSync is [Store.FindSync] within a transaction.
func (tx *Tx) findSync(source string) (sync oriel.Sync, found bool, err error) {
	var beat int64
	var cancelled bool
	var text string
	found, err = tx.find("find a sync", syncSQL+` WHERE source = ?`, []any{source}, &beat, &cancelled, &text)
	if err != nil || !found {
		return oriel.Sync{}, false, err
	}
	sync, err = tx.writer.store.readSync(beat, cancelled, text)
	return sync, err == nil, err
}

func (tx *Tx) putSync(sync oriel.Sync) error {
	text, err := document(sync)
	if err != nil {
		return err
	}
	return tx.change("keep a sync", `INSERT INTO source_syncs (source, id, beat, cancelled, document) VALUES (?, ?, ?, 0, ?)
		ON CONFLICT (source) DO UPDATE SET cancelled = CASE WHEN id = excluded.id THEN cancelled ELSE 0 END,
			id = excluded.id, beat = excluded.beat, document = excluded.document`,
		sync.Source, sync.ID, micros(tx.writer.store.options.Clock()), text)
}

// errSyncUnderWay is why something must wait for a sync.
func errSyncUnderWay(source string) error {
	return oriel.E(oriel.CodeConflict, "The source %s is being synchronised: wait for its end, or cancel it.", source)
}

// BeginSync keeps that a source is being synchronised from now on. It fails with
// not_found, and with conflict while another sync of it is under way, whichever
// process runs it.
func (s *Store) BeginSync(ctx context.Context, sync oriel.Sync) error {
	return s.Write(ctx, func(tx *Tx) error {
		var one int
		known, err := tx.find("find a source", `SELECT 1 FROM sources WHERE key = ?`, []any{sync.Source}, &one)
		if err != nil {
			return err
		}
		if !known {
			return &oriel.Error{Code: oriel.CodeNotFound}
		}
		if err := tx.noLiveSync(sync.Source); err != nil {
			return err
		}
		return tx.putSync(sync)
	})
}

// noLiveSync fails with conflict while a sync of the source is under way.
func (tx *Tx) noLiveSync(source string) error {
	last, found, err := tx.findSync(source)
	if err == nil && found && last.State.Live() {
		err = errSyncUnderWay(source)
	}
	return err
}

// KeepProgress keeps how far a sync has come, and that it is alive. It fails
// with conflict when it is not the source's newest any more.
func (s *Store) KeepProgress(ctx context.Context, sync oriel.Sync) error {
	return s.Write(ctx, func(tx *Tx) error {
		if err := tx.stillSyncs(sync); err != nil {
			return err
		}
		return tx.putSync(sync)
	})
}

func (tx *Tx) stillSyncs(sync oriel.Sync) error {
	var id string
	found, err := tx.find("find a sync", `SELECT id FROM source_syncs WHERE source = ?`, []any{sync.Source}, &id)
	if err == nil && (!found || id != sync.ID) {
		err = oriel.E(oriel.CodeConflict, "Another sync of the source %s has begun.", sync.Source)
	}
	return err
}

// SyncUnwanted tells whether somebody has asked for the end of a sync, or it is
// not its source's newest.
func (s *Store) SyncUnwanted(ctx context.Context, sync oriel.Sync) (bool, error) {
	var wanted bool
	err := s.read.QueryRowContext(ctx,
		`SELECT EXISTS (SELECT 1 FROM source_syncs WHERE source = ? AND id = ? AND NOT cancelled)`, sync.Source, sync.ID).Scan(&wanted)
	return !wanted, failed("find a sync", err)
}

// KeepSyncs keeps syncs that have ended, and whose sources are stored.
func (s *Store) KeepSyncs(ctx context.Context, syncs []oriel.Sync) error {
	if len(syncs) == 0 {
		return nil
	}
	return s.Write(ctx, func(tx *Tx) error {
		for _, sync := range syncs {
			if err := tx.putSync(sync); err != nil {
				return err
			}
		}
		return nil
	})
}

// CancelSync asks for the end of the sync that is under way; whoever runs it
// heeds that within a second. It fails with not_found when none is.
func (s *Store) CancelSync(ctx context.Context, source string) error {
	return s.Write(ctx, func(tx *Tx) error {
		last, found, err := tx.findSync(source)
		switch {
		case err != nil:
			return err
		case !found || !last.State.Live():
			return oriel.E(oriel.CodeNotFound, "No sync of the source is under way.")
		}
		return tx.change("cancel a sync", `UPDATE source_syncs SET cancelled = 1 WHERE source = ?`, source)
	})
}

// EndSync keeps how a sync ended, and what it found, if it found anything: the
// tables, the revision and the database file of the source, nothing else of it.
// A sync that was cancelled, or whose source has other settings meanwhile,
// changes no source, and its end says so.
func (s *Store) EndSync(ctx context.Context, sync oriel.Sync, found *oriel.Source) (ended oriel.Sync, err error) {
	_, err = s.declare(ctx, sync.Who, func(a *applying) error {
		ended = sync
		if err := a.tx.stillSyncs(sync); err != nil {
			return err
		}
		if found != nil {
			var cancelled bool
			if _, err := a.tx.find("find a sync", `SELECT cancelled FROM source_syncs WHERE source = ?`, []any{sync.Source}, &cancelled); err != nil {
				return err
			}
			changed, err := a.otherSettings(*found)
			switch {
			case err != nil:
				return err
			case cancelled:
				ended.State = oriel.SyncCancelled
			case changed:
				ended.State, ended.Message = oriel.SyncFailed, "The source's settings were changed meanwhile: synchronise it again."
			default:
				if err := a.put(sourceNoun, found.Key, *found); err != nil {
					return err
				}
			}
			if ended.State != oriel.SyncDone {
				ended.SyncFindings = oriel.SyncFindings{}
			}
		}
		return a.tx.putSync(ended)
	})
	return ended, err
}

// otherSettings tells whether the stored source has other settings than the one
// that was synchronised.
func (a *applying) otherSettings(found oriel.Source) (bool, error) {
	stored, known, err := a.findSource(found.Key)
	if err != nil || !known {
		return true, err
	}
	return !sameSettings(stored, found), nil
}

// sameSettings tells whether two sources are the same but for what a sync finds.
func sameSettings(a, b oriel.Source) bool {
	for _, s := range []*oriel.Source{&a, &b} {
		s.BaseDir, s.Revision, s.Database, s.Tables, s.MaskKey = "", "", "", nil, nil
		s.Files, s.Only = slices.Clip(s.Files), slices.Clip(s.Only)
		if len(s.Files) == 0 {
			s.Files = nil
		}
		if len(s.Only) == 0 {
			s.Only = nil
		}
	}
	return reflect.DeepEqual(a, b)
}
