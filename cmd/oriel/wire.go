package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/oriel-bi/oriel/internal/audit"
	"github.com/oriel-bi/oriel/internal/catalog"
	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/declaration"
	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/fetch"
	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
	"github.com/oriel-bi/oriel/internal/session"
	"github.com/oriel-bi/oriel/internal/signin"
	"github.com/oriel-bi/oriel/internal/signin/idp"
	"github.com/oriel-bi/oriel/internal/signin/jwks"
	"github.com/oriel-bi/oriel/internal/signin/jwt"
	"github.com/oriel-bi/oriel/internal/signin/saml"
	"github.com/oriel-bi/oriel/internal/source"
	"github.com/oriel-bi/oriel/internal/source/duckdb"
	"github.com/oriel-bi/oriel/internal/source/postgres"
	"github.com/oriel-bi/oriel/internal/store"
)

// instanceKeyFile is beside the store when no key is configured.
const instanceKeyFile = "instance.key"

// openStore opens the store with the instance key that is configured, or the
// one beside it.
func openStore(ctx context.Context, c config.Config, p process, log *slog.Logger) (*store.Store, error) {
	if err := os.MkdirAll(c.DataFolder, 0o700); err != nil {
		return nil, fmt.Errorf("the data folder %s is not writable: %w; choose another ORIEL_DATABASE_URL or give oriel write access there", c.DataFolder, err)
	}
	options := store.Options{
		URL: c.DatabaseURL, InstanceKey: c.SecretKey, PreviousKey: c.PreviousSecretKey,
		Origins: origins(c), RecordsKept: c.RecordsKept, AuditKept: c.AuditKept, Clock: p.clock, Random: p.random, Log: log,
	}
	if c.SecretKey == nil {
		options.KeyFile = keyFile(c)
	}
	return store.Open(ctx, options)
}

// keyFile is where the instance key is when none is configured.
func keyFile(c config.Config) string { return filepath.Join(c.DataFolder, instanceKeyFile) }

// origins are the settings that decide which origins may be declared.
func origins(c config.Config) oriel.OriginOptions {
	return oriel.OriginOptions{SiteURL: c.SiteURL, DangerouslyAllowAny: c.DangerouslyAllowAnyOrigin}
}

// waitingConnections are those to a PostgreSQL source on which nothing is
// downloaded, so that downloads keep no chart from being shown.
const waitingConnections = 8

// openEngines opens one engine for each kind of data source.
func openEngines(c config.Config, p process) (map[oriel.SourceKind]source.Engine, error) {
	engine, err := duckdb.Open(c.DataFolder, duckdb.Options{
		Memory: int64(c.EngineBytes), Streams: c.Downloads, Random: p.random, Clock: p.clock,
	})
	if err != nil {
		return nil, err
	}
	return map[oriel.SourceKind]source.Engine{
		oriel.SourceDuckDB:   engine,
		oriel.SourcePostgres: postgres.Open(postgres.Options{Connections: waitingConnections + c.Downloads, Hosts: c.SourceHosts, Clock: p.clock}),
	}, nil
}

// server is everything that serves, and what it stands on.
type server struct {
	api     *httpapi.API
	records *audit.Records
	queries *query.Queries
	engines map[oriel.SourceKind]source.Engine
	sources *catalog.Sources
	store   *store.Store
	// metadata are those of identity providers, which are looked at again and again.
	metadata *idp.Refresher
}

// openServer joins the capabilities. ready is asked before the store is.
func openServer(ctx context.Context, c config.Config, p process, log *slog.Logger, ready func() error) (*server, error) {
	unsaved, err := declaration.NewAskedQuestions()
	if err != nil {
		return nil, err
	}
	kept, err := openStore(ctx, c, p, log)
	if err != nil {
		return nil, err
	}
	engines, err := openEngines(c, p)
	if err != nil {
		return nil, errors.Join(err, kept.Close())
	}
	people := directory.New(directory.Options{Declared: kept.Declared, DevMode: c.Dev, Clock: p.clock, Random: p.random})
	keys := directory.NewAPIKeys(directory.APIKeyOptions{Store: kept, Declared: kept.Declared, DevMode: c.Dev, Clock: p.clock, Random: p.random})
	sessions, err := session.New(session.Options{
		Store: kept, Lifetime: c.SessionLifetime, OriginAllowed: people.OriginAllowedToUser,
		EmbeddingOff: !c.Embedding, InteractiveOff: !c.InteractiveEmbedding, Viewing: keys, Clock: p.clock, Random: p.random,
	})
	if err != nil {
		return nil, errors.Join(err, closeAll(engines), kept.Close())
	}
	records := audit.NewRecords(kept, p.clock, log)
	arrivals := signin.New(kept.Write, signin.Options{
		Directory: people, Sessions: sessions, Records: records, Verifier: newVerifier(c, p),
		SAML: newProtocol(kept, p.clock), Waiting: kept, SiteURL: c.SiteURL,
		EmbeddingOn: c.Embedding, InteractiveOn: c.InteractiveEmbedding, SignInRate: c.SignInRate, RefusedRate: c.RefusedRate,
		Clock: p.clock, Random: p.random, Log: log,
	})
	contents := catalog.New(kept.Declared)
	queries := query.New(query.Options{
		Declared: kept.Declared, Engines: engines, CacheBytes: c.CacheBytes, CacheFor: c.CacheTime, Clock: p.clock,
		DownloadRows: c.DownloadRows, TimeZone: c.TimeZone, ReadQuestion: unsaved.Read,
	})
	sources := newSources(c, p, kept, queries, false, log)
	return &server{
		metadata: newRefresher(c, p, kept, log),
		store:    kept, engines: engines, records: records, queries: queries, sources: sources,
		api: httpapi.New(httpapi.Options{
			SiteURL: c.SiteURL, SiteName: c.SiteName, Version: version,
			TrustedProxies: c.TrustedProxies, DevMode: c.Dev, Downloads: c.Downloads,
			Origins: people, ProviderNames: people, SignIn: arrivals, Sessions: sessions, APIKeys: keys,
			Administration: newSettings(c, p, kept), Search: audit.NewSearch(records, kept),
			People: newPeople(c, p, kept), Policies: newPolicies(kept, queries), Collections: catalog.NewCollections(kept.Declared, kept), Trail: audit.NewTrail(kept), Viewing: sessions, Catalog: contents, Queries: queries,
			Explanations: query.NewExplanations(queries, kept, p.clock), Sources: sources,
			Ready: func(ctx context.Context) error {
				if err := ready(); err != nil {
					return err
				}
				return kept.Ready(ctx)
			},
			Clock: p.clock, Random: p.random, Log: log,
		}),
	}, nil
}

// newRefresher looks at the addresses of identity providers' metadata as the
// configuration lets it.
func newRefresher(c config.Config, p process, kept *store.Store, log *slog.Logger) *idp.Refresher {
	return idp.New(idp.Options{
		Declared: kept.Declared, Store: kept, Loopback: c.Dev, Clock: p.clock, Log: log, Fetch: fetchMetadata(c),
	})
}

// newVerifier makes the verifier of host tokens, which may fetch what a
// provider's setting names as the configuration lets it.
func newVerifier(c config.Config, p process) *jwt.Verifier {
	fetcher := fetch.New(fetch.Options{AllowPrivate: c.FetchPrivateAddresses, DevMode: c.Dev})
	return jwt.New(c.SiteURL, jwks.New(fetcher, p.clock))
}

// newPeople is what administrators keep of people and permissions.
func newPeople(c config.Config, p process, kept *store.Store) *directory.People {
	return directory.NewPeople(directory.PeopleOptions{Declared: kept.Declared, Store: kept, Origins: origins(c), Clock: p.clock, Random: p.random})
}

// newSettings is what administrators settle, by the rules of a declaration.
func newSettings(c config.Config, p process, kept *store.Store) *directory.Settings {
	return directory.NewSettings(directory.SettingsOptions{
		Declared: kept.Declared, Store: kept, Origins: origins(c), Clock: p.clock, Random: p.random,
		ReadProvider: func(slug string, settings map[string]any, groups []oriel.GroupKey) (oriel.Provider, error) {
			return declaration.ReadProvider(slug, settings, groups, declaration.Options{Origins: origins(c)})
		},
		WriteProvider: declaration.Settings,
		TakeMetadata: func(settings map[string]any, now oriel.Provider, document []byte, address string) error {
			return declaration.TakeMetadata(settings, now, document, address, c.Dev, p.clock())
		},
		FetchMetadata: fetchMetadata(c), HasCertificate: saml.HasCertificate,
	})
}

// Close closes what serves before what it stands on.
func (s *server) Close() error {
	s.sources.Close()
	s.records.Close()
	s.queries.Close()
	return errors.Join(closeAll(s.engines), s.store.Close())
}

func closeAll(engines map[oriel.SourceKind]source.Engine) error {
	var errs []error
	for _, engine := range engines {
		errs = append(errs, engine.Close())
	}
	return errors.Join(errs...)
}
