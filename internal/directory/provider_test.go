package directory_test

import (
	"testing"

	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
)

func provider(slug string, profile oriel.Profile, on bool, kids ...string) oriel.Provider {
	p := oriel.Provider{
		ID: "prv_" + slug, Slug: slug, Enabled: on, Profile: profile, Issuer: "https://" + slug + ".example.com",
		SignInURI: "https://" + slug + ".example.com/sso",
	}
	for _, kid := range kids {
		p.Keys = append(p.Keys, oriel.ProviderKey{ID: kid, Kind: oriel.KeyHS256})
	}
	return p
}

func TestChooseProvider(t *testing.T) {
	const strict, compat = oriel.ProfileStrict, oriel.ProfileCompat
	a, b := provider("a", strict, true, "ka", "shared"), provider("b", strict, true, "kb", "shared")
	off, old, older := provider("off", strict, false, "ko"), provider("old", compat, true, "kc"), provider("older", compat, true, "kd")
	const issuerA, issuerB, nobody = "https://a.example.com", "https://b.example.com", "https://nobody.example.com"
	for name, c := range map[string]struct {
		providers   []oriel.Provider
		kid, issuer string
		want        string
		code        oriel.Code
	}{
		"none":                              {nil, "ka", issuerA, "", oriel.CodeSSONotConfigured},
		"all off":                           {[]oriel.Provider{off}, "ko", "", "", oriel.CodeSSONotConfigured},
		"only one":                          {[]oriel.Provider{a}, "", nobody, "a", ""},
		"by kid":                            {[]oriel.Provider{a, b}, "kb", "", "b", ""},
		"kid before issuer":                 {[]oriel.Provider{a, b}, "kb", issuerA, "b", ""},
		"by issuer without kid":             {[]oriel.Provider{a, b}, "", issuerB, "b", ""},
		"by issuer with an unknown kid":     {[]oriel.Provider{a, b}, "kx", issuerA, "a", ""},
		"shared kid, by issuer":             {[]oriel.Provider{a, b}, "shared", issuerB, "b", ""},
		"shared kid, no issuer":             {[]oriel.Provider{a, b}, "shared", "", "", oriel.CodeProviderAmbiguous},
		"shared kid, a third's issuer":      {[]oriel.Provider{a, b, old}, "shared", "https://old.example.com", "", oriel.CodeProviderAmbiguous},
		"nothing named":                     {[]oriel.Provider{a, b}, "", "", "", oriel.CodeProviderAmbiguous},
		"nothing named, one compat":         {[]oriel.Provider{a, b, old}, "", "", "old", ""},
		"nothing named, two compat":         {[]oriel.Provider{a, old, older}, "", "", "", oriel.CodeProviderAmbiguous},
		"named one is off":                  {[]oriel.Provider{off, a}, "ko", "", "", oriel.CodeSSONotConfigured},
		"named one is off, by issuer":       {[]oriel.Provider{off, old}, "", "https://off.example.com", "", oriel.CodeSSONotConfigured},
		"empty issuer names no empty one":   {[]oriel.Provider{{Slug: "x", Enabled: true, SignInURI: "x", Keys: a.Keys}, b}, "", "", "", oriel.CodeProviderAmbiguous},
		"empty kid names no key without id": {[]oriel.Provider{provider("x", strict, true, ""), b}, "", "", "", oriel.CodeProviderAmbiguous},
	} {
		t.Run(name, func(t *testing.T) {
			d := directory.New(directory.Options{Declared: func() *oriel.Declaration { return &oriel.Declaration{Providers: c.providers} }})
			p, err := d.ChooseProvider(c.kid, c.issuer)
			if oriel.CodeOf(err) != c.code || p.Slug != c.want {
				t.Errorf("got %q, %v; want %q, %q", p.Slug, err, c.want, c.code)
			}
		})
	}
}

func TestOriginAllowed(t *testing.T) {
	parse := func(entry string) oriel.Origin {
		o, err := oriel.ParseOrigin(entry, oriel.OriginOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	declared := &oriel.Declaration{Origins: []oriel.Origin{parse("https://app.example.com"), parse("https://*.example.org")}}
	d := directory.New(directory.Options{Declared: func() *oriel.Declaration { return declared }})
	narrowed := oriel.Provider{Origins: []oriel.Origin{parse("https://a.example.org"), parse("https://outside.example.net")}}
	for origin, want := range map[string]struct{ instance, narrowed bool }{
		"https://app.example.com":     {true, false},
		"https://a.example.org":       {true, true},
		"https://b.example.org":       {true, false},
		"https://outside.example.net": {false, false}, // a provider's list never widens
		"null":                        {false, false},
		"":                            {false, false},
	} {
		if got := d.OriginAllowed(origin); got != want.instance {
			t.Errorf("%q: %v on the instance's list", origin, got)
		}
		if got := d.OriginAllowedFor(oriel.Provider{}, origin); got != want.instance {
			t.Errorf("%q: %v for a provider without a list", origin, got)
		}
		if got := d.OriginAllowedFor(narrowed, origin); got != want.narrowed {
			t.Errorf("%q: %v for a provider that narrows", origin, got)
		}
	}
	declared = &oriel.Declaration{}
	if d.OriginAllowed("https://app.example.com") {
		t.Error("an empty list lets pages in")
	}
}
