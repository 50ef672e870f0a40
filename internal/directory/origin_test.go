package directory_test

import (
	"testing"

	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// C3.
func TestOriginAllowed_loopbackByItselfInDevModeOnly(t *testing.T) {
	listed, err := oriel.ParseOrigin("https://app.example.com", oriel.OriginOptions{})
	if err != nil {
		t.Fatal(err)
	}
	declared := &oriel.Declaration{Origins: []oriel.Origin{listed}}
	with := func(dev bool) *directory.Directory {
		return directory.New(directory.Options{Declared: func() *oriel.Declaration { return declared }, DevMode: dev})
	}
	for _, origin := range []string{"http://localhost:5173", "https://localhost", "http://127.0.0.1:7430", "http://[::1]:3000"} {
		if with(false).OriginAllowed(origin) || with(false).OriginAllowedFor(oriel.Provider{}, origin) {
			t.Errorf("%s is allowed without dev mode", origin)
		}
		if !with(true).OriginAllowed(origin) || !with(true).OriginAllowedFor(oriel.Provider{}, origin) {
			t.Errorf("%s is not allowed in dev mode", origin)
		}
		// A provider's own list narrows what the instance allows.
		if with(true).OriginAllowedFor(oriel.Provider{Origins: []oriel.Origin{listed}}, origin) {
			t.Errorf("%s is allowed for a provider that lists others", origin)
		}
	}
	for _, dev := range []bool{false, true} {
		for _, origin := range []string{"", "null", "http://localhost.evil.io", "http://app.localhost", "http://192.168.1.2:5173", "http://app.example.com"} {
			if with(dev).OriginAllowed(origin) {
				t.Errorf("%q is allowed, dev mode %v", origin, dev)
			}
		}
		if !with(dev).OriginAllowed("https://app.example.com") {
			t.Errorf("what is listed is not allowed, dev mode %v", dev)
		}
	}
}
