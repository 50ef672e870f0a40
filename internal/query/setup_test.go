package query_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"path/filepath"
	"sync"
	"testing"

	"github.com/oriel-bi/oriel/internal/declaration"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
	"github.com/oriel-bi/oriel/internal/source"
	"github.com/oriel-bi/oriel/internal/source/duckdb"
)

// sample is the sample as it is declared, imported into a real engine.
type sample struct {
	queries *query.Queries
	engine  source.Engine
	// declared is what the queries run on; a test may change it before it runs, and
	// by under while it does.
	declared *oriel.Declaration
	changing sync.Mutex
}

func (s *sample) current() *oriel.Declaration {
	s.changing.Lock()
	defer s.changing.Unlock()
	return s.declared
}

func openSample(t testing.TB) *sample {
	t.Helper()
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{
		"APRON_URL": "http://127.0.0.1:7430", "APRON_BACKEND_URL": "http://127.0.0.1:7431",
		"APRON_PUBLIC_KEY": string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})),
	}
	d, err := declaration.Load([]string{filepath.FromSlash("../../sample/apron.yaml")}, declaration.Options{
		Env:     func(name string) (string, bool) { v, found := env[name]; return v, found },
		Origins: oriel.OriginOptions{SiteURL: "http://127.0.0.1:7420"},
	})
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for i, s := range d.Sources {
		imported, err := duckdb.Import(t.Context(), folder, s.Key, s.BaseDir, s.Files)
		if err != nil {
			t.Fatal(err)
		}
		d.Sources[i] = imported
	}
	engine, err := duckdb.Open(folder, duckdb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &sample{declared: &d, engine: engine}
	s.queries = query.New(query.Options{
		Declared: func() *oriel.Declaration { return s.declared },
		Engines:  map[oriel.SourceKind]source.Engine{oriel.SourceDuckDB: engine},

		ReadQuestion: reading(t),
	})
	return s
}

// operatorOf is a principal of the sample's group at an airport; "" is one
// without the attribute.
func operatorOf(airport string) oriel.Principal {
	attributes := oriel.Attributes{}
	if airport != "" {
		attributes["airport"] = oriel.Text(airport)
	}
	return oriel.NewPrincipal(oriel.User{
		ID: "usr_" + oriel.UserID(airport), Active: true, Attributes: attributes,
		Groups: []oriel.GroupKey{oriel.GroupAllUsers, "operators"},
	}, oriel.SessionEmbed)
}

// cards runs the sample's dashboard and gives each card's outcome.
func (s *sample) cards(ctx context.Context, p oriel.Principal, parameters string) (results map[string]oriel.Result, failures map[string]error, err error) {
	results, failures = map[string]oriel.Result{}, map[string]error{}
	var given map[string]json.RawMessage
	if err := json.Unmarshal([]byte(parameters), &given); err != nil {
		return nil, nil, err
	}
	err = s.queries.RunDashboard(ctx, p, "airport-operations", given, query.Lines{
		Layout: func(oriel.Dashboard, []query.DashboardCard) error { return nil },
		Card: func(key string, r oriel.Result, err error) error {
			if err != nil {
				failures[key] = err
				return nil
			}
			results[key] = r
			return nil
		},
	})
	return results, failures, err
}
