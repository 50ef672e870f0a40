package signin_test

import (
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin"
)

// J1
func TestExchange_J1_providerThatIsNotConfigured(t *testing.T) {
	for name, broken := range map[string]func(*oriel.Provider){
		"off":                   func(p *oriel.Provider) { p.Enabled = false },
		"without a key":         func(p *oriel.Provider) { p.Keys = nil },
		"without a sign-in URI": func(p *oriel.Provider) { p.SignInURI = "" },
	} {
		t.Run(name, func(t *testing.T) {
			p := provider("apron")
			broken(&p)
			h := newHouse(t, p)
			h.isRefused(oriel.CodeSSONotConfigured, "apron", nil)
			r := h.request(h.token("apron", nil))
			r.Provider = "apron"
			h.requestIsRefused(oriel.CodeSSONotConfigured, r)
			_, err := h.signin.Discover(t.Context(), signin.DiscoverRequest{Reference: "DIS-COV", Origin: page})
			if oriel.CodeOf(err) != oriel.CodeSSONotConfigured {
				t.Errorf("discovery: got %v", err)
			}
			if err := h.records.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := h.count(`SELECT count(*) FROM sign_in_records WHERE reference = 'DIS-COV'`); n != 1 {
				t.Errorf("discovery left %d records, want 1", n)
			}
		})
	}
}

// A token for a provider that is off is not tried against one that is on.
func TestExchange_J1_offAmongOthers(t *testing.T) {
	off := provider("closed")
	off.Enabled = false
	h := newHouse(t, off, provider("apron"))
	h.isRefused(oriel.CodeSSONotConfigured, "closed", nil)
}

// J21
func TestExchange_J21_embeddingOff(t *testing.T) {
	h := newHouse(t, provider("apron"))
	h.open(false)
	h.isRefused(oriel.CodeEmbeddingDisabled, "apron", nil)
	if _, err := h.signin.Discover(t.Context(), signin.DiscoverRequest{}); oriel.CodeOf(err) != oriel.CodeEmbeddingDisabled {
		t.Errorf("discovery: got %v", err)
	}
}

// J23
func TestExchange_J23_originThatIsNotAuthorized(t *testing.T) {
	narrowed := provider("narrowed")
	other, err := oriel.ParseOrigin("https://other.example.com", oriel.OriginOptions{})
	if err != nil {
		t.Fatal(err)
	}
	narrowed.Origins = []oriel.Origin{other}
	h := newHouse(t, provider("apron"), narrowed)
	for _, origin := range []string{"https://evil.example.org", "null", "", page + ".evil.io", page + "/", "http://app.example.com"} {
		r := h.request(h.token("apron", nil))
		r.Origin = origin
		h.requestIsRefused(oriel.CodeOriginNotAllowed, r)
	}
	// A provider's list narrows; it never widens.
	h.isRefused(oriel.CodeOriginNotAllowed, "narrowed", nil)
	r := h.request(h.token("narrowed", nil))
	r.Origin = "https://other.example.com"
	h.requestIsRefused(oriel.CodeOriginNotAllowed, r)
	h.enters("apron", nil)
}

func TestExchange_providerIsChosen(t *testing.T) {
	h := newHouse(t, provider("one"), provider("two"))
	h.enters("one", map[string]any{"sub": "ann", "email": "ann@example.com"})
	h.enters("two", map[string]any{"sub": "bob", "email": "bob@example.com"})
	if n := h.count(`SELECT count(DISTINCT provider) FROM sign_in_records`); n != 2 {
		t.Errorf("%d providers were chosen, want each once", n)
	}
	// Its issuer decides when its kid is nobody's; the kid is then refused.
	stranger := h.request(sign("stranger", h.claims("https://one.example.com", nil)))
	h.requestIsRefused(oriel.CodeTokenKeyUnknown, stranger)
	// Neither: nobody is guessed.
	h.requestIsRefused(oriel.CodeProviderAmbiguous, h.request(sign("stranger", h.claims("https://stranger.example.com", nil))))
	r := h.request(h.token("one", nil))
	r.Provider = "three"
	h.requestIsRefused(oriel.CodeProviderUnknown, r)
	r = h.request(h.token("one", nil))
	r.Provider = "two" // named, so its keys are what counts
	h.requestIsRefused(oriel.CodeTokenKeyUnknown, r)
	h.requestIsRefused(oriel.CodeTokenMalformed, h.request("no token"))
}

func TestExchange_oneCompatProviderTakesWhatNamesNobody(t *testing.T) {
	h := newHouse(t, provider("strict"), compat("old"))
	claims := h.claims("https://nobody.example.com", nil)
	r := h.request(sign("old", claims))
	if _, err := h.signin.Exchange(t.Context(), r); err != nil {
		t.Errorf("by its kid: %v", err)
	}
	h.requestIsRefused(oriel.CodeTokenKeyUnknown, h.request(sign("stranger", claims)))
	if n := h.count(`SELECT count(*) FROM sign_in_records WHERE provider = 'old'`); n != 2 {
		t.Errorf("the compat provider was chosen %d times, want 2", n)
	}
}

func TestDiscover(t *testing.T) {
	off := provider("off")
	off.Enabled = false
	one, two := []oriel.Provider{off, provider("one")}, []oriel.Provider{off, provider("one"), provider("two")}
	for name, c := range map[string]struct {
		providers []oriel.Provider
		request   signin.DiscoverRequest
		code      oriel.Code
		url       string
	}{
		"the one":                  {one, signin.DiscoverRequest{Origin: page}, "", "https://one.example.com/sso"},
		"without an origin":        {one, signin.DiscoverRequest{}, "", "https://one.example.com/sso"},
		"preferred":                {one, signin.DiscoverRequest{PreferredMethod: "jwt"}, "", "https://one.example.com/sso"},
		"chosen":                   {two, signin.DiscoverRequest{Provider: "two"}, "", "https://two.example.com/sso"},
		"several":                  {two, signin.DiscoverRequest{}, oriel.CodeProviderAmbiguous, ""},
		"several, preferred":       {two, signin.DiscoverRequest{PreferredMethod: "jwt"}, oriel.CodeProviderAmbiguous, ""},
		"unknown provider":         {two, signin.DiscoverRequest{Provider: "six"}, oriel.CodeProviderUnknown, ""},
		"provider that is off":     {two, signin.DiscoverRequest{Provider: "off"}, oriel.CodeSSONotConfigured, ""},
		"method that is not built": {one, signin.DiscoverRequest{PreferredMethod: "saml"}, oriel.CodeAuthMethodUnavailable, ""},
		"unknown method":           {one, signin.DiscoverRequest{PreferredMethod: "magic"}, oriel.CodeAuthMethodUnavailable, ""},
		"method that is off":       {[]oriel.Provider{off}, signin.DiscoverRequest{PreferredMethod: "jwt"}, oriel.CodeAuthMethodUnavailable, ""},
		"foreign page":             {one, signin.DiscoverRequest{Origin: "https://evil.example.org"}, oriel.CodeOriginNotAllowed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, c.providers...)
			before := h.rows()
			got, err := h.signin.Discover(t.Context(), c.request)
			if oriel.CodeOf(err) != c.code || got.URL != c.url || (err == nil && got.Method != "jwt") {
				t.Errorf("got %+v, %v; want %q, %s", got, err, c.url, c.code)
			}
			if err := h.records.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			want := before["sign_in_records"]
			if c.code != "" {
				want++
			}
			if n := h.rows()["sign_in_records"]; n != want {
				t.Errorf("%d records, want %d", n, want)
			}
		})
	}
}

// The page is asked for before the token: a foreign page learns nothing of it.
func TestExchange_J23_foreignPageLearnsNothingOfTheToken(t *testing.T) {
	h := newHouse(t, provider("one"), provider("two"))
	for _, token := range []string{"no token", sign("stranger", h.claims("https://stranger.example.com", nil))} {
		r := h.request(token)
		r.Origin = "https://evil.example.org"
		h.requestIsRefused(oriel.CodeOriginNotAllowed, r)
	}
}
