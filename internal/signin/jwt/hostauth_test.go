package jwt_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/hostauth"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// What package hostauth signs is what this package accepts, with either kind
// of key and nothing but the options that the README names.
func TestVerify_acceptsTokensOfHostauth(t *testing.T) {
	key, err := hostauth.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	public, err := hostauth.PublicPEM(key)
	if err != nil {
		t.Fatal(err)
	}
	secret := seed("hostauth")
	for _, tt := range []struct {
		options hostauth.Options
		key     oriel.ProviderKey
	}{
		{hostauth.Options{Key: key}, oriel.ProviderKey{ID: "1", Kind: oriel.KeyEdDSA, Public: public}},
		{hostauth.Options{Secret: secret, KeyID: "1"}, oriel.ProviderKey{ID: "1", Kind: oriel.KeyHS256, Secret: secret}},
	} {
		tt.options.Issuer, tt.options.OrielURL = "https://apron.example", site
		tt.options.Identify = func(*http.Request) (hostauth.Identity, error) { return hostauth.Identity{}, hostauth.ErrSignedOut }
		host, err := hostauth.New(tt.options)
		if err != nil {
			t.Fatal(err)
		}
		token, err := host.Token(hostauth.Identity{
			Subject: "dana", Email: "dana@example.com", Groups: []string{}, SessionID: "s",
			Attributes: map[string]any{"airport": "DFW", "level": 7, "gates": []string{"A1", "A2"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		p := strict()
		p.Keys = []oriel.ProviderKey{tt.key}
		id := mustVerify(t, token, p, time.Now())
		if id.Subject != "dana" || id.HostSID != "s" || !id.GroupsSent || id.Attributes["level"].Values[0] != "7" || !id.Attributes["gates"].List {
			t.Errorf("identity %+v", id)
		}
	}
}
