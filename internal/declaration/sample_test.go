package declaration_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"path/filepath"
	"slices"
	"testing"

	"github.com/oriel-bi/oriel/internal/declaration"
	"github.com/oriel-bi/oriel/internal/oriel"
)

func publicKey(t *testing.T) string {
	t.Helper()
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func options(t *testing.T, env map[string]string) declaration.Options {
	t.Helper()
	return declaration.Options{
		Env:     func(name string) (string, bool) { v, found := env[name]; return v, found },
		Origins: oriel.OriginOptions{SiteURL: "http://127.0.0.1:7420"},
	}
}

func sampleEnv(t *testing.T) map[string]string {
	t.Helper()
	return map[string]string{
		"APRON_URL": "http://127.0.0.1:7430", "APRON_BACKEND_URL": "http://127.0.0.1:7431", "APRON_PUBLIC_KEY": publicKey(t),
	}
}

func TestLoad_sampleIsWhatEverybodyReliesOn(t *testing.T) {
	d, err := declaration.Load([]string{filepath.FromSlash("../../sample/apron.yaml")}, options(t, sampleEnv(t)))
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Origins) != 1 || !d.Origins[0].Matches("http://127.0.0.1:7430") {
		t.Errorf("origins %v", d.Origins)
	}
	p := d.Providers[0]
	if p.Slug != "apron" || p.Profile != oriel.ProfileStrict || p.SignInURI != "http://127.0.0.1:7431/sso/oriel" || !p.Configured() || !p.Create {
		t.Errorf("provider %+v", p)
	}
	if p.Groups.Mode != oriel.GroupsByName || !slices.Equal(p.Groups.Opened, []oriel.GroupKey{"operators"}) {
		t.Errorf("provider's groups %+v", p.Groups)
	}
	s := d.Sources[0]
	if s.Key != "airports" || !filepath.IsAbs(s.BaseDir) || !slices.Equal(s.Files, []string{"flights.csv", "airports.csv", "wildlife_strikes.csv"}) {
		t.Errorf("source %+v", s)
	}
	if g := d.Groups[0]; g.Collections["airport-operations"] != oriel.GrantView || len(g.Collections) != 1 || g.Sources["airports"] != oriel.GrantRun {
		t.Errorf("group %+v", g)
	}
	var cards []string
	for _, c := range d.Dashboards[0].Cards {
		cards = append(cards, c.Key)
	}
	want := []string{"departures", "average-delay", "late-departures", "departures-per-day", "average-delay-by-hour", "worst-destinations", "distance-against-delay", "strikes-by-species", "latest-departures"}
	if d.Dashboards[0].Key != "airport-operations" || !slices.Equal(cards, want) {
		t.Errorf("dashboard %s has cards %v, want %v", d.Dashboards[0].Key, cards, want)
	}
	for _, q := range d.Questions {
		if q.Source != "airports" {
			t.Errorf("question %s runs on %q", q.Key, q.Source)
		}
		if (q.Key == "network-comparison") != (q.Collection == "internal-review") {
			t.Errorf("question %s is in %s", q.Key, q.Collection)
		}
	}
}
