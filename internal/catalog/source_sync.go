package catalog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// How often a sync looks whether it is still wanted, and tells of itself.
const (
	lookEach = 200 * time.Millisecond
	tellEach = time.Second
)

// syncTime is the longest that a sync may take.
const syncTime = 6 * time.Hour

// FindSync finds the newest sync of a source, whichever process runs it.
// Errors: not_authenticated, scope_denied; not_found when there was none.
func (s *Sources) FindSync(ctx context.Context, p oriel.Principal, key string) (oriel.Sync, error) {
	if err := s.require(p); err != nil {
		return oriel.Sync{}, err
	}
	if _, err := find(s.options.Declared(), key); err != nil {
		return oriel.Sync{}, err
	}
	last, found, err := s.options.Store.FindSync(ctx, key)
	if err == nil && !found {
		err = oriel.E(oriel.CodeNotFound, "The source was never synchronised.")
	}
	return last, err
}

// StartSync begins to read what a source holds and does not wait for the end.
// The source stays what it is until then, and also when the sync fails or is
// cancelled; tables that are new are closed. Errors: not_authenticated;
// scope_denied; not_found; conflict while another sync of it is under way;
// invalid_request for a source that a sync can't read again.
func (s *Sources) StartSync(ctx context.Context, p oriel.Principal, key string) (oriel.Sync, error) {
	src, began, err := s.begin(ctx, p, key)
	if err != nil {
		return oriel.Sync{}, err
	}
	s.all.Go(func() {
		if _, err := s.run(s.ctx, src, began, func(oriel.SyncProgress) {}); err != nil {
			s.options.Log.Error("the end of a sync can't be kept", slog.String("source", key), slog.Any("error", err))
		}
	})
	return began, nil
}

// Sync is [Sources.StartSync] that waits for the end and tells of the progress;
// ctx's end cancels it. Errors as StartSync, and those of the store.
func (s *Sources) Sync(ctx context.Context, p oriel.Principal, key string, report func(oriel.SyncProgress)) (oriel.Sync, error) {
	src, began, err := s.begin(ctx, p, key)
	if err != nil {
		return oriel.Sync{}, err
	}
	return s.run(ctx, src, began, report)
}

// CancelSync asks for the end of the sync that is under way, whichever process
// runs it: it ends in a server within a second, of large files once the engine
// has told their types, and the source stays what it was. Errors: not_authenticated; scope_denied; not_found when none is.
func (s *Sources) CancelSync(ctx context.Context, p oriel.Principal, key string) (oriel.Sync, error) {
	if err := s.require(p); err != nil {
		return oriel.Sync{}, err
	}
	if err := s.options.Store.CancelSync(ctx, key); err != nil {
		return oriel.Sync{}, err
	}
	return s.FindSync(ctx, p, key)
}

func (s *Sources) begin(ctx context.Context, p oriel.Principal, key string) (oriel.Source, oriel.Sync, error) {
	if err := s.require(p); err != nil {
		return oriel.Source{}, oriel.Sync{}, err
	}
	src, err := find(s.options.Declared(), key)
	if err != nil {
		return oriel.Source{}, oriel.Sync{}, err
	}
	id, err := oriel.NewID(s.options.Random, "syn_")
	if err != nil {
		return oriel.Source{}, oriel.Sync{}, err
	}
	began := oriel.Sync{ID: id, Source: key, Who: p.Who(), State: oriel.SyncRunning, Started: s.options.Clock().UTC()}
	return src, began, s.options.Store.BeginSync(ctx, began)
}

// run reads the source and keeps the end of the sync.
func (s *Sources) run(ctx context.Context, src oriel.Source, sync oriel.Sync, report func(oriel.SyncProgress)) (oriel.Sync, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, syncTime, errTooLong)
	defer cancel()
	var progress atomic.Pointer[oriel.SyncProgress]
	progress.Store(&oriel.SyncProgress{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		s.watch(ctx, cancel, sync, &progress)
	}()
	found, findings, err := s.options.Engines.Sync(ctx, src, func(now oriel.SyncProgress) {
		progress.Store(&now)
		report(now)
	})
	unwanted := ctx.Err() != nil && !errors.Is(context.Cause(ctx), errTooLong)
	cancel()
	<-watched
	sync.Progress, sync.Ended = *progress.Load(), s.options.Clock().UTC()
	// The end is kept also when the one who asked has gone.
	keeping := context.WithoutCancel(ctx)
	switch {
	case unwanted:
		sync.State = oriel.SyncCancelled
		return s.options.Store.EndSync(keeping, sync, nil)
	case errors.Is(context.Cause(ctx), errTooLong):
		sync.State, sync.Message = oriel.SyncFailed, fmt.Sprintf("It took longer than %s.", syncTime)
		return s.options.Store.EndSync(keeping, sync, nil)
	case err != nil:
		s.options.Log.Warn("a source can't be synchronised", slog.String("source", src.Key), slog.Any("error", err))
		sync.State, sync.Message = oriel.SyncFailed, told(err)
		return s.options.Store.EndSync(keeping, sync, nil)
	}
	sync.State, sync.SyncFindings = oriel.SyncDone, findings
	sync.Progress.Phase = oriel.SyncSaving
	sync.Changes = changes(src.Tables, found.Tables)
	sync.Broken = s.broken(keeping, found)
	return s.options.Store.EndSync(keeping, sync, &found)
}

var errTooLong = errors.New("the sync took too long")

// told is what an administrator is told of why a sync failed: words that were
// made for them, and no others.
func told(err error) string {
	var ours *oriel.Error
	if errors.As(err, &ours) && ours.Message != "" {
		return ours.Message
	}
	return "It failed; the server's log says why."
}

// watch tells of a sync while it is under way, and ends it when nobody wants it
// any more. A store that can't be reached for a while ends nothing.
func (s *Sources) watch(ctx context.Context, cancel context.CancelFunc, sync oriel.Sync, progress *atomic.Pointer[oriel.SyncProgress]) {
	look, tell := time.NewTicker(lookEach), time.NewTicker(tellEach)
	defer look.Stop()
	defer tell.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
			if unwanted, err := s.options.Store.SyncUnwanted(ctx, sync); err == nil && unwanted {
				cancel()
			}
		case <-tell.C:
			sync.Progress = *progress.Load()
			if err := s.options.Store.KeepProgress(ctx, sync); oriel.CodeOf(err) == oriel.CodeConflict {
				cancel()
			}
		}
	}
}

// changes tells what came, went or is of another type.
func changes(before, after []oriel.SourceTable) []oriel.SyncChange {
	was, is := oriel.Source{Tables: before}, oriel.Source{Tables: after}
	var list []oriel.SyncChange
	for _, table := range before {
		now, found := is.Table(table.Name)
		if !found {
			list = append(list, oriel.SyncChange{Table: table.Name, Change: "gone"})
			continue
		}
		for _, column := range table.Columns {
			if c, found := now.Column(column.Name); !found {
				list = append(list, oriel.SyncChange{Table: table.Name, Column: column.Name, Change: "gone"})
			} else if c.Type != column.Type {
				list = append(list, oriel.SyncChange{Table: table.Name, Column: column.Name, Change: "retyped"})
			}
		}
	}
	for _, table := range after {
		old, found := was.Table(table.Name)
		if !found {
			list = append(list, oriel.SyncChange{Table: table.Name, Change: "new"})
			continue
		}
		for _, column := range table.Columns {
			if _, found := old.Column(column.Name); !found {
				list = append(list, oriel.SyncChange{Table: table.Name, Column: column.Name, Change: "new"})
			}
		}
	}
	return list
}

// broken tells what of the declaration does not fit the source as it is now. It
// is told, not mended: policies that no longer fit refuse their table to
// everybody, and questions that no longer run are refused.
func (s *Sources) broken(ctx context.Context, found oriel.Source) []string {
	d := *s.options.Declared()
	on := func(ref oriel.TableRef) bool { return ref.Source == found.Key }
	d.Sources = []oriel.Source{found}
	d.Models = slices.DeleteFunc(slices.Clone(d.Models), func(m oriel.Model) bool { return !on(m.Table) })
	d.Policies = slices.DeleteFunc(slices.Clone(d.Policies), func(p oriel.Policy) bool {
		if p.Model != "" {
			_, kept := d.Model(p.Model)
			return !kept
		}
		return !on(p.Table)
	})
	d.Questions = slices.DeleteFunc(slices.Clone(d.Questions), func(q oriel.Question) bool { return q.Source != found.Key })
	d.Dashboards = slices.Clone(d.Dashboards)
	for i, dashboard := range d.Dashboards {
		d.Dashboards[i].Parameters = slices.DeleteFunc(slices.Clone(dashboard.Parameters), func(p oriel.Parameter) bool {
			if p.Values == nil {
				return true
			}
			_, kept := d.Model(p.Values.Model)
			return !kept
		})
	}
	err := s.options.Check(ctx, d)
	if err == nil {
		return nil
	}
	var wrong *oriel.Error
	if errors.As(err, &wrong) && wrong.Code == oriel.CodeInvalidRequest {
		return strings.Split(wrong.Message, "\n")
	}
	return []string{"What is on the source could not be checked."}
}
