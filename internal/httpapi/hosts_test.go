package httpapi_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
	"github.com/oriel-bi/oriel/internal/signin"
)

// interactive lets hosts sign browsers in with a cookie.
func interactive(p *parts) {
	p.signIn = p.signInWith(func(o *signin.Options) { o.InteractiveOn = true })
}

// addHost adds a compat provider with every way in, changed by what is given.
func (s *site) addHost(change ...func(*oriel.Provider)) {
	s.t.Helper()
	p := oriel.Provider{
		Slug: "host", Enabled: true, Profile: oriel.ProfileCompat, SignInURI: "http://127.0.0.1:7432/sso?app=bi",
		Claims: oriel.DefaultClaimNames(), Create: true, BackendSessions: true, LegacyExchange: true,
		Keys: []oriel.ProviderKey{{ID: "host-key", Kind: oriel.KeyHS256, Secret: hostSecret()}},
	}
	for _, c := range change {
		c(&p)
	}
	if _, err := s.store.CreateProvider(s.t.Context(), "operator", p); err != nil {
		s.t.Fatal(err)
	}
}

func hostSecret() []byte {
	sum := sha256.Sum256([]byte("the secret of host"))
	return sum[:]
}

// hostToken is a token of the compat provider; change may break it.
func (s *site) hostToken(who string, change ...func(claims map[string]any)) string {
	s.t.Helper()
	s.mu.Lock()
	s.tokens++
	claims := map[string]any{
		"email": who + "@host.example", "first_name": strings.ToUpper(who[:1]) + who[1:], "n": s.tokens,
		"iat": s.now.Unix(), "exp": s.now.Unix() + 60,
	}
	s.mu.Unlock()
	for _, c := range change {
		c(claims)
	}
	return signHost(s.t, "JWT", claims)
}

func signHost(t *testing.T, typ string, claims map[string]any) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	input := encode([]byte(fmt.Sprintf(`{"alg":"HS256","kid":"host-key","typ":%q}`, typ))) + "." + encode(payload)
	mac := hmac.New(sha256.New, hostSecret())
	mac.Write([]byte(input))
	return input + "." + encode(mac.Sum(nil))
}

// What a browser says of a request, by how it came to make it.
var (
	opens  = []string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Sec-Fetch-Site", "cross-site", "Accept", "text/html"}
	framed = []string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe", "Sec-Fetch-Site", "cross-site", "Accept", "text/html"}
)

// with adds to a list of headers.
func with(header []string, more ...string) []string {
	return append(append([]string{}, header...), more...)
}

// given are the cookies that an answer leaves the browser with, as it sends them.
func (r reply) given() string {
	var pairs []string
	for _, c := range (&http.Response{Header: r.header}).Cookies() {
		if c.MaxAge >= 0 {
			pairs = append(pairs, c.Name+"="+c.Value)
		}
	}
	return strings.Join(pairs, "; ")
}

// sso asks GET /auth/sso with parameters NAME, VALUE, …
func (s *site) sso(header []string, parameters ...string) reply {
	s.t.Helper()
	query := url.Values{}
	for i := 0; i < len(parameters); i += 2 {
		query.Add(parameters[i], parameters[i+1])
	}
	return s.ask("GET", "/auth/sso?"+query.Encode(), "", header...)
}

// landsAs lands in a browser without a session, and gives its cookie.
func (s *site) landsAs(who string) string {
	s.t.Helper()
	r := s.sso(opens, "provider", "host", "jwt", s.hostToken(who))
	if r.status != http.StatusFound || r.given() == "" {
		s.t.Fatalf("the landing failed: %d %s", r.status, r.body)
	}
	return r.given()
}

// whose is the e-mail address of the cookie's person, or the code of the refusal.
func (s *site) whose(cookie string) string {
	s.t.Helper()
	r := s.ask("GET", "/api/v1/session", "", "Cookie", cookie, "Sec-Fetch-Site", "same-origin")
	var info httpapi.SessionInfo
	if err := json.Unmarshal(r.body, &info); err != nil || r.status != 200 {
		return r.code()
	}
	return info.User.Email
}

// sessionOf is the session of a token, used from an origin.
func (s *site) sessionOf(token, page string) (session.Session, oriel.Code) {
	s.t.Helper()
	_, found, err := s.sessions.Authenticate(s.t.Context(), session.Presented{Token: token, Origin: page})
	return found, oriel.CodeOf(err)
}

// compat reads the answer that hosts and SDKs of other makes get.
func (r reply) compat(t *testing.T) (body struct {
	Status, ID string
	Exp, Iat   int64
}) {
	t.Helper()
	if err := json.Unmarshal(r.body, &body); err != nil || r.status != 200 || !strings.HasPrefix(body.ID, "ors_") {
		t.Fatalf("no session: %d %s", r.status, r.body)
	}
	return body
}

// post sends {"jwt": token} as JSON.
func (s *site) post(path, token string, header ...string) reply {
	s.t.Helper()
	return s.ask("POST", path, fmt.Sprintf(`{"jwt":%q}`, token), append(header, "Content-Type", "application/json")...)
}
