package httpapi_test

import (
	"io"
	"net/http"
	"testing"
)

// askHost asks with another Host header.
func (s *site) askHost(method, path, host string) (status int, body string) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.server.URL+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	request.Host = host
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return response.StatusCode, string(content)
}

func TestDevMode_answersThisMachineAlone(t *testing.T) {
	dev, live := newSite(t, func(p *parts) { p.devMode = true }), newSite(t)
	for host, own := range map[string]bool{
		"localhost": true, "localhost:7420": true, "LocalHost:7420": true, "app.localhost:7420": true,
		"127.0.0.1": true, "127.0.0.1:7420": true, "127.1.2.3:7420": true, "[::1]": true, "[::1]:7420": true, "[::ffff:127.0.0.1]:7420": true,
		"evil.example": false, "evil.example:7420": false, "localhost.evil.example": false, "evillocalhost": false,
		"127.0.0.1.evil.example": false, "127.0.0.1.nip.io:7420": false, "0.0.0.0:7420": false, "[::]:7420": false,
		"10.0.0.1": false, "2130706433": false, "127.1": false, "bi.example.com": false,
	} {
		want := 421
		if own {
			want = 200
		}
		if got, body := dev.askHost("GET", "/healthz", host); got != want {
			t.Errorf("dev mode, %s: got %d %s, want %d", host, got, body, want)
		}
		if got, _ := live.askHost("GET", "/healthz", host); got != 200 {
			t.Errorf("%s: got %d", host, got)
		}
	}
	for _, path := range []string{"/", "/auth/sso?client=sdk", "/api/v1/session", "/nowhere"} {
		for _, method := range []string{"GET", "POST", "OPTIONS"} {
			if got, _ := dev.askHost(method, path, "evil.example"); got != 421 {
				t.Errorf("%s %s of a foreign host: %d", method, path, got)
			}
		}
	}
}
