package catalog

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// SourceStore keeps data sources and their syncs. who is [oriel.Principal.Who]
// of the one who does.
type SourceStore interface {
	CreateSource(ctx context.Context, who string, src oriel.Source) error
	UpdateSource(ctx context.Context, who string, src oriel.Source) error
	DeleteSource(ctx context.Context, who string, key string) error
	FindSync(ctx context.Context, source string) (oriel.Sync, bool, error)
	ListSyncs(ctx context.Context) (map[string]oriel.Sync, error)
	BeginSync(ctx context.Context, sync oriel.Sync) error
	KeepProgress(ctx context.Context, sync oriel.Sync) error
	SyncUnwanted(ctx context.Context, sync oriel.Sync) (bool, error)
	CancelSync(ctx context.Context, source string) error
	EndSync(ctx context.Context, sync oriel.Sync, found *oriel.Source) (oriel.Sync, error)
}

// SourceEngines reach what sources name.
type SourceEngines interface {
	// Address tells where a server source is. Errors: invalid_request, which
	// holds no password.
	Address(src oriel.Source) (oriel.SourceAddress, error)
	// Permit tells whether a source may be saved that is as somebody here wrote
	// it. Errors: invalid_request with the reason, which holds no password.
	Permit(src oriel.Source) error
	// Test tries to reach the source and lists what it holds. ctx's end ends it
	// in the engine.
	Test(ctx context.Context, src oriel.Source) oriel.SourceTest
	// Sync reads what the source holds: the source with its tables, revision and
	// database, and what else is to be told. report may be called at any time
	// until it returns. ctx's end ends it in the engine. Errors: those with a
	// message are for administrators and hold no secret.
	Sync(ctx context.Context, src oriel.Source, report func(oriel.SyncProgress)) (oriel.Source, oriel.SyncFindings, error)
}

// SourcesOptions set up [Sources].
type SourcesOptions struct {
	// Declared is the newest declaration.
	Declared func() *oriel.Declaration
	Store    SourceStore
	Engines  SourceEngines
	// ReadSource reads a source's settings under the names that they have in a
	// declaration, by the same rules; an error is for who wrote them, and shows
	// no secret. Without a url it keeps that of current. WriteSource is the way
	// back, without the url.
	ReadSource  func(key string, settings map[string]any, current oriel.Source) (oriel.Source, error)
	WriteSource func(oriel.Source) map[string]any
	// Check tells in a line each what of a declaration would not run.
	Check  func(ctx context.Context, d oriel.Declaration) error
	Clock  func() time.Time
	Random io.Reader
	// Log is told why syncs fail that nobody waits for.
	Log *slog.Logger
}

// Sources are the data sources as administrators manage them. Each change is
// held to what a declaration is held to, and leaves an audit entry.
type Sources struct {
	options SourcesOptions
	// ctx is that of the syncs that belong to no request; end ends them.
	ctx context.Context
	end context.CancelFunc
	all sync.WaitGroup
}

// NewSources makes Sources. Close ends its syncs.
func NewSources(options SourcesOptions) *Sources {
	s := &Sources{options: options}
	s.ctx, s.end = context.WithCancel(context.Background())
	return s
}

// Close cancels the syncs that are under way here and waits for them.
func (s *Sources) Close() {
	s.end()
	s.all.Wait()
}

// require lets nobody in but who administers data sources: they alone learn
// what there is, so that what is missing is no secret from them.
func (s *Sources) require(p oriel.Principal) error {
	return access.Require(p, oriel.ScopeAdminSources)
}

// ListedSource is a source in a list.
type ListedSource struct {
	Key            string
	Kind           oriel.SourceKind
	Tables, Closed int
	Sync           *oriel.Sync // the newest; nil when there was none
}

// SourceAsSet is a source as administrators see it: no secret is in it.
type SourceAsSet struct {
	Key      string
	Kind     oriel.SourceKind
	Settings map[string]any       // under the names of a declaration
	Server   *oriel.SourceAddress // of a kind that is a server
	Tables   []ManagedTable       // as the newest complete sync found them
	Sync     *oriel.Sync          // the newest; nil when there was none
}

// ManagedTable is a table with how it is seen by those who may run on its source.
type ManagedTable struct {
	oriel.SourceTable
	Visible access.Visibility
	Why     string // why it is broken
}

// List lists the sources by key. Errors: not_authenticated, scope_denied, those
// of the store.
func (s *Sources) List(ctx context.Context, p oriel.Principal) ([]ListedSource, error) {
	if err := s.require(p); err != nil {
		return nil, err
	}
	syncs, err := s.options.Store.ListSyncs(ctx)
	if err != nil {
		return nil, err
	}
	d := s.options.Declared()
	policies := access.ReadPolicies(d.Sources, d.Models, d.Policies)
	list := make([]ListedSource, 0, len(d.Sources))
	for _, src := range d.Sources {
		one := ListedSource{Key: src.Key, Kind: src.Kind, Tables: len(src.Tables)}
		for _, table := range src.Tables {
			switch seen, _ := policies.Visibility(oriel.TableRef{Source: src.Key, Table: table.Name}); seen {
			case access.VisibilityClosed, access.VisibilityBroken:
				one.Closed++
			case access.VisibilityPolicies, access.VisibilityShared:
			}
		}
		if last, found := syncs[src.Key]; found {
			one.Sync = &last
		}
		list = append(list, one)
	}
	return list, nil
}

// Source finds a source. Errors: not_authenticated, scope_denied, not_found,
// those of the store.
func (s *Sources) Source(ctx context.Context, p oriel.Principal, key string) (SourceAsSet, error) {
	if err := s.require(p); err != nil {
		return SourceAsSet{}, err
	}
	d := s.options.Declared()
	src, err := find(d, key)
	if err != nil {
		return SourceAsSet{}, err
	}
	one := SourceAsSet{Key: src.Key, Kind: src.Kind, Settings: s.options.WriteSource(src), Tables: make([]ManagedTable, 0, len(src.Tables))}
	if src.URL != "" {
		// A url of before that is not taken any more leads nowhere.
		if address, err := s.options.Engines.Address(src); err == nil {
			one.Server = &address
		}
	}
	policies := access.ReadPolicies(d.Sources, d.Models, d.Policies)
	for _, table := range src.Tables {
		managed := ManagedTable{SourceTable: table}
		managed.Visible, managed.Why = policies.Visibility(oriel.TableRef{Source: key, Table: table.Name})
		one.Tables = append(one.Tables, managed)
	}
	last, found, err := s.options.Store.FindSync(ctx, key)
	if found {
		one.Sync = &last
	}
	return one, err
}

func find(d *oriel.Declaration, key string) (oriel.Source, error) {
	at := slices.IndexFunc(d.Sources, func(src oriel.Source) bool { return src.Key == key })
	if at < 0 {
		return oriel.Source{}, &oriel.Error{Code: oriel.CodeNotFound}
	}
	return d.Sources[at], nil
}
