package httpapi

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/oriel-bi/oriel/internal/oriel"
)

func TestCookies_K4attributesByScheme(t *testing.T) {
	const (
		lax    = "; Path=/; HttpOnly; SameSite=Lax"
		secure = "; Path=/; HttpOnly; Secure; SameSite=Lax"
		framed = "; Path=/; HttpOnly; Secure; SameSite=None; Partitioned"
		ended  = "; Path=/; Max-Age=0; HttpOnly"
	)
	http1, https := behind("http://127.0.0.1:7420"), behind("https://bi.example.com")
	for name, c := range map[string]struct {
		a    *API
		r    *http.Request
		want []string
	}{
		"HTTP":  {http1, from("127.0.0.1:4000"), []string{"oriel_session=ors_x" + lax}},
		"HTTPS": {https, from("203.0.113.7:4000"), []string{"__Host-oriel_session=ors_x" + secure}},
		"behind a trusted proxy": {http1, from("10.0.0.1:4000", "X-Forwarded-Proto", "https"),
			[]string{"__Host-oriel_session=ors_x" + secure}},
		"a forged header": {http1, from("127.0.0.1:4000", "X-Forwarded-Proto", "https"), []string{"oriel_session=ors_x" + lax}},
		"a frame on HTTPS": {https, from("203.0.113.7:4000", "Sec-Fetch-Dest", "iframe"),
			[]string{"__Host-oriel_session=ors_x" + framed}},
		"a frame on HTTP": {http1, from("127.0.0.1:4000", "Sec-Fetch-Dest", "iframe"), []string{"oriel_session=ors_x" + framed}},
	} {
		w := httptest.NewRecorder()
		c.a.setSession(w, c.r, "ors_x")
		var set []string
		for _, line := range w.Header().Values("Set-Cookie") {
			if !strings.Contains(line, "Max-Age=0") {
				set = append(set, line)
			}
			if strings.Contains(line, "Domain") || !strings.Contains(line, "HttpOnly") {
				t.Errorf("%s: %s", name, line)
			}
		}
		if !slices.Equal(set, c.want) {
			t.Errorf("%s: got %q, want %q", name, set, c.want)
		}
	}
	// The one kind ends the other, and comes last: a browser that knows no
	// partitions takes both for one.
	w := httptest.NewRecorder()
	https.setSession(w, from("203.0.113.7:4000"), "ors_x")
	if lines := w.Header().Values("Set-Cookie"); len(lines) != 2 ||
		lines[0] != "__Host-oriel_session="+ended+"; Secure; SameSite=None; Partitioned" || !strings.Contains(lines[1], "ors_x") {
		t.Errorf("a tab: %q", lines)
	}
	w = httptest.NewRecorder()
	https.setSession(w, from("203.0.113.7:4000", "Sec-Fetch-Dest", "iframe"), "ors_x")
	if lines := w.Header().Values("Set-Cookie"); len(lines) != 2 ||
		lines[0] != "__Host-oriel_session="+ended+"; Secure; SameSite=Lax" || !strings.Contains(lines[1], "ors_x") {
		t.Errorf("a frame: %q", lines)
	}
	w = httptest.NewRecorder()
	https.clearSession(w, from("203.0.113.7:4000"))
	if lines := w.Header().Values("Set-Cookie"); len(lines) != 2 ||
		lines[0] != "__Host-oriel_session="+ended+"; Secure; SameSite=Lax" ||
		lines[1] != "__Host-oriel_session="+ended+"; Secure; SameSite=None; Partitioned" {
		t.Errorf("signing out: %q", lines)
	}
}

func TestCookies_oneOfTheRightNameIsRead(t *testing.T) {
	http1, https := behind("http://127.0.0.1:7420"), behind("https://bi.example.com")
	for name, c := range map[string]struct {
		a      *API
		cookie string
		want   string
		code   oriel.Code
	}{
		"none":                       {https, "", "", ""},
		"HTTPS":                      {https, "a=b; __Host-oriel_session=x", "x", ""},
		"the plain name on HTTPS":    {https, "oriel_session=x", "", ""},
		"both names on HTTPS":        {https, "oriel_session=y; __Host-oriel_session=x", "x", ""},
		"HTTP":                       {http1, "oriel_session=x", "x", ""},
		"the other name on HTTP":     {http1, "__Host-oriel_session=x", "", ""},
		"two values":                 {https, "__Host-oriel_session=x; __Host-oriel_session=y", "", oriel.CodeInvalidRequest},
		"one value twice":            {https, "__Host-oriel_session=x; __Host-oriel_session=x", "x", ""},
		"empty":                      {https, "__Host-oriel_session=", "", ""},
		"a name in other letters":    {https, "__host-oriel_session=x", "", ""},
		"an administrator's own one": {https, "__Host-oriel_admin=x", "", ""},
	} {
		r := from("203.0.113.7:4000", "Cookie", c.cookie, "Sec-Fetch-Site", "same-origin")
		got, err := c.a.sessionOf(r)
		if got != c.want || err == nil && c.code != "" || err != nil && oriel.CodeOf(err) != c.code {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
	r := from("203.0.113.7:4000", "Cookie", "__Host-oriel_session=x", "Cookie", "__Host-oriel_session=y", "Sec-Fetch-Site", "none")
	if got, err := https.sessionOf(r); oriel.CodeOf(err) != oriel.CodeInvalidRequest {
		t.Errorf("two headers: got %q, %v", got, err)
	}
}

func TestState_comesBackToTheBrowserThatBegan(t *testing.T) {
	a := behind("https://bi.example.com")
	state, hash, err := newState(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, otherHash, err := newState(rand.Reader)
	if err != nil || other == state || otherHash == hash {
		t.Fatalf("two states are %q and %q, %v", state, other, err)
	}
	if len(state) != 43 || strings.Contains(hash, state) || state == hash {
		t.Errorf("the state is %q, its hash %q", state, hash)
	}
	w := httptest.NewRecorder()
	a.setState(w, from("203.0.113.7:4000"), hash)
	lines := w.Header().Values("Set-Cookie")
	if want := "__Host-oriel_state=" + hash + "; Path=/; Max-Age=600; HttpOnly; Secure; SameSite=Lax"; lines[len(lines)-1] != want {
		t.Errorf("got %q, want %q", lines, want)
	}
	w = httptest.NewRecorder()
	a.setState(w, from("203.0.113.7:4000", "Sec-Fetch-Dest", "iframe"), hash)
	lines = w.Header().Values("Set-Cookie")
	if want := "__Host-oriel_state=" + hash + "; Path=/; Max-Age=600; HttpOnly; Secure; SameSite=None; Partitioned"; lines[len(lines)-1] != want {
		t.Errorf("in a frame: got %q, want %q", lines, want)
	}
	// The provider's page sends the browser here: that is another site.
	kept, err := a.stateOf(from("203.0.113.7:4000", "Cookie", "__Host-oriel_state="+hash, "Sec-Fetch-Site", "cross-site"))
	if err != nil || !stateMatches(kept, state) {
		t.Errorf("the landing does not fit its start: %q, %v", kept, err)
	}
	for name, c := range map[string]struct{ cookie, state string }{
		"no cookie": {"", state}, "no state": {hash, ""}, "neither": {"", ""}, "another start": {hash, other},
		"the hash of nothing": {hashState(""), ""}, "the hash itself": {hash, hash}, "the state itself": {state, state},
	} {
		if stateMatches(c.cookie, c.state) {
			t.Errorf("%s: it fits", name)
		}
	}
	w = httptest.NewRecorder()
	a.clearState(w, from("203.0.113.7:4000"))
	if lines := w.Header().Values("Set-Cookie"); len(lines) != 2 || !strings.HasPrefix(lines[0], "__Host-oriel_state=; Path=/; Max-Age=0") {
		t.Errorf("clearing: %q", lines)
	}
	if _, _, err := newState(iotest.ErrReader(errors.New("no bits"))); err == nil {
		t.Error("a state was made without random bits")
	}
}
