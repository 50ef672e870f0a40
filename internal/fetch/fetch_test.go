package fetch_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/fetch"
)

const canary = "s3cr3t-canary"

// site is a web server of the test's, with https, that counts what reaches it.
type site struct {
	*httptest.Server
	connections, requests atomic.Int32
}

func serve(t *testing.T, secure bool, answer http.HandlerFunc) *site {
	t.Helper()
	s := &site{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		answer(w, r)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.connections.Add(1)
		}
	}
	s.Config.ErrorLog = nil
	if secure {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

func (s *site) port() string {
	return s.Listener.Addr().String()[strings.LastIndexByte(s.Listener.Addr().String(), ':'):]
}

func (s *site) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
}

func (s *site) dev() *fetch.Fetcher { return fetch.NewIn(fetch.Options{DevMode: true}, nil, s.roots()) }

func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }
}

// fails wants the sentence, in which nothing of the address but its host stands.
func fails(t *testing.T, f *fetch.Fetcher, address, want string) {
	t.Helper()
	document, err := f.Get(t.Context(), address)
	switch {
	case err == nil:
		t.Errorf("%s was fetched: %q; want %q", address, document.Body, want)
	case !strings.Contains(err.Error(), want):
		t.Errorf("%s: %q, want %q", address, err, want)
	case strings.Contains(err.Error(), canary) || len(err.Error()) > 300:
		t.Errorf("%s: the error tells too much: %q", address, err)
	case document.Body != nil:
		t.Errorf("%s: there is a document beside the error", address)
	}
}

func TestGet_documentOfTheAddress(t *testing.T) {
	var got *http.Request
	s := serve(t, true, func(w http.ResponseWriter, r *http.Request) {
		got = r
		says(`{"keys":[]}`)(w, r)
	})
	document, err := s.dev().Get(t.Context(), s.URL+"/keys?a=b")
	if err != nil || string(document.Body) != `{"keys":[]}` {
		t.Fatalf("%q, %v", document.Body, err)
	}
	if got.URL.String() != "/keys?a=b" || got.Method != http.MethodGet || len(got.Cookies()) > 0 ||
		got.Header.Get("Authorization") != "" || got.Header.Get("Accept-Encoding") != "" {
		t.Errorf("asked with %v %v", got.URL, got.Header)
	}
	plain := serve(t, false, says("x"))
	if _, err := plain.get(t, fetch.Options{DevMode: true}); err != nil {
		t.Error(err)
	}
}

func (s *site) get(t *testing.T, o fetch.Options) (fetch.Document, error) {
	t.Helper()
	return fetch.New(o).Get(t.Context(), s.URL)
}

// §1: http on loopback in dev mode only, and this machine in dev mode only.
func TestGet_thisMachineIsFetchedInDevModeOnly(t *testing.T) {
	for _, secure := range []bool{true, false} {
		s := serve(t, secure, says("x"))
		want := "this machine"
		if !secure {
			want = "in dev mode only"
		}
		for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]"} {
			address := strings.Replace(s.URL, "127.0.0.1", host, 1)
			fails(t, fetch.New(fetch.Options{}), address, want)
			fails(t, fetch.New(fetch.Options{AllowPrivate: true}), address, want)
		}
		if n := s.connections.Load(); n > 0 {
			t.Errorf("%d connections were made", n)
		}
	}
}

// The name is looked at when it is dialled: what it meant at any other moment,
// and what it looks like, is no matter.
func TestGet_nameThatLeadsToThisMachine(t *testing.T) {
	s := serve(t, true, says("x"))
	names := leadingTo(t, [4]byte{127, 0, 0, 1})
	address := "https://example.com" + s.port() + "/keys"
	fails(t, fetch.NewIn(fetch.Options{AllowPrivate: true}, names, s.roots()), address, "its name leads to this machine")
	if n := s.connections.Load(); n > 0 {
		t.Errorf("%d connections were made", n)
	}
	// The same in dev mode, to see that the name works.
	if _, err := fetch.NewIn(fetch.Options{DevMode: true}, names, s.roots()).Get(t.Context(), address); err != nil {
		t.Error(err)
	}
	elsewhere := map[string][4]byte{"private network": {10, 0, 0, 1}, "no server on the internet": {169, 254, 169, 254}}
	for want, ip := range elsewhere {
		fails(t, fetch.NewIn(fetch.Options{DevMode: true}, leadingTo(t, ip), s.roots()), address, want)
	}
	// http stays on this machine, whatever a resolver makes of localhost.
	fails(t, fetch.NewIn(fetch.Options{DevMode: true}, leadingTo(t, [4]byte{8, 8, 8, 8}), nil), "http://app.localhost"+s.port(), "away from this machine")
}

// leadingTo is a resolver to which every name is one address, or none when that
// is zero.
func leadingTo(t *testing.T, ip [4]byte) *net.Resolver {
	t.Helper()
	listener, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		query := make([]byte, 512)
		for {
			n, from, err := listener.ReadFrom(query)
			if err != nil {
				return
			}
			end := 12 + bytes.IndexByte(query[12:n], 0) + 5 // the question's name, type and class
			answer := append([]byte{query[0], query[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, query[12:end]...)
			if query[end-3] == 1 && ip != [4]byte{} { // type A
				answer[7] = 1
				answer = append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ip[0], ip[1], ip[2], ip[3])
			}
			_, _ = listener.WriteTo(answer, from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", listener.LocalAddr().String())
	}}
}

func TestGet_redirectToElsewhereIsNotFollowed(t *testing.T) {
	other := serve(t, true, says("x"))
	plain := serve(t, false, says("x"))
	var to string
	s := serve(t, true, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/there" {
			says("found")(w, r)
			return
		}
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusFound)
	})
	roots := s.roots()
	roots.AddCert(other.Certificate())
	f := fetch.NewIn(fetch.Options{DevMode: true}, leadingTo(t, [4]byte{127, 0, 0, 1}), roots)
	for _, to = range []string{
		other.URL + "/" + canary, plain.URL, "http://127.0.0.1" + s.port() + "/there", "https://localhost" + s.port() + "/there",
		"https://example.com" + s.port() + "/there", "https://" + canary + "@127.0.0.1" + s.port() + "/there",
		"//example.com" + s.port() + "/there", "https://127.1" + s.port() + "/there", "https://[::ffff:127.0.0.1]" + s.port() + "/there",
		"file:///etc/passwd", "gopher://127.0.0.1/",
	} {
		fails(t, f, s.URL, "it redirects to another host")
	}
	if other.connections.Load()+plain.connections.Load() > 0 {
		t.Error("a redirect was followed to another server")
	}
	for _, to = range []string{"/there", s.URL + "/there"} {
		if document, err := f.Get(t.Context(), s.URL); err != nil || string(document.Body) != "found" {
			t.Errorf("%s: %q, %v", to, document.Body, err)
		}
	}
	to = "/again"
	before := s.requests.Load()
	fails(t, f, s.URL, "it redirects more than 3 times")
	if n := s.requests.Load() - before; n != 4 {
		t.Errorf("%d requests, want 4", n)
	}
}

func TestGet_bigDocumentIsRefused(t *testing.T) {
	size, announced := fetch.MaxBody, true
	s := serve(t, true, func(w http.ResponseWriter, _ *http.Request) {
		if announced {
			w.Header().Set("Content-Length", fmt.Sprint(size))
		} else {
			w.(http.Flusher).Flush()
		}
		_, _ = w.Write(make([]byte, size))
	})
	if document, err := s.dev().Get(t.Context(), s.URL); err != nil || len(document.Body) != fetch.MaxBody {
		t.Errorf("1 MiB: %d bytes, %v", len(document.Body), err)
	}
	size++
	fails(t, s.dev(), s.URL, "larger than 1 MiB")
	announced = false
	fails(t, s.dev(), s.URL, "larger than 1 MiB")
	// No more is read than shows that it is too much.
	endless := serve(t, true, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = w.Write(make([]byte, 64<<10))
		}
	})
	fails(t, endless.dev(), endless.URL, "larger than 1 MiB")
}

func TestGet_compressedDocumentIsRefused(t *testing.T) {
	var bomb bytes.Buffer
	packer := gzip.NewWriter(&bomb)
	_, _ = packer.Write(make([]byte, 8<<20))
	_ = packer.Close()
	for _, encoding := range []string{"gzip", "br", "deflate", "x-" + canary} {
		s := serve(t, true, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", encoding)
			_, _ = w.Write(bomb.Bytes())
		})
		fails(t, s.dev(), s.URL, "a compressed document")
	}
}

func TestGet_otherAnswersAreRefused(t *testing.T) {
	for _, status := range []int{201, 204, 206, 304, 401, 404, 500, 503} {
		s := serve(t, true, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("WWW-Authenticate", "Basic "+canary)
			w.WriteHeader(status)
			if status != 204 && status != 304 {
				_, _ = w.Write([]byte(canary))
			}
		})
		fails(t, s.dev(), s.URL, fmt.Sprintf("it answered with status %d", status))
	}
	manyHeaders := serve(t, true, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Pad", strings.Repeat(canary, 10_000))
	})
	fails(t, manyHeaders.dev(), manyHeaders.URL, "it did not answer as a web server does")
	s := serve(t, true, says(canary))
	fails(t, fetch.New(fetch.Options{DevMode: true}), s.URL, "its certificate is not one")
	fails(t, s.dev(), "https://localhost"+s.port(), "its certificate is not one")
	s.Close()
	fails(t, s.dev(), s.URL+"/"+canary, "no connection to it could be made")
	fails(t, fetch.NewIn(fetch.Options{}, leadingTo(t, [4]byte{}), nil), "https://nowhere.example/"+canary, "its name is not known")
}

func TestGet_hostileAddressIsRefused(t *testing.T) {
	s := serve(t, true, says("x"))
	for _, address := range []string{
		"", "ftp://127.0.0.1/", "http://example.com/", "https://user:" + canary + "@127.0.0.1" + s.port(), "https://" + canary + "@127.0.0.1" + s.port(),
		"https://127.1" + s.port(), "https://2130706433" + s.port(), "https://0x7f000001" + s.port(), "https://0177.0.0.1" + s.port(),
		"https://127.0.0.1" + s.port() + "/#" + canary, "https://127.0.0.1\n/" + canary,
	} {
		fails(t, s.dev(), address, "the address")
	}
	if n := s.connections.Load(); n > 0 {
		t.Errorf("%d connections were made", n)
	}
}

// A proxy would dial in our place, without the check.
func TestGet_takesNoProxyFromTheEnvironment(t *testing.T) {
	proxy := serve(t, false, says("proxied"))
	s := serve(t, true, says("x"))
	for _, name := range []string{"HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy"} {
		t.Setenv(name, proxy.URL)
	}
	names := leadingTo(t, [4]byte{127, 0, 0, 1})
	f := fetch.NewIn(fetch.Options{DevMode: true}, names, s.roots())
	if _, err := f.Get(t.Context(), "https://example.com"+s.port()); err != nil || proxy.connections.Load() > 0 {
		t.Errorf("%v, and the proxy had %d connections", err, proxy.connections.Load())
	}
}

func TestGet_keepsNoCookie(t *testing.T) {
	s := serve(t, true, func(w http.ResponseWriter, r *http.Request) {
		if len(r.Cookies()) > 0 {
			t.Error("a cookie came back")
		}
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
	})
	f := s.dev()
	for range 2 {
		if _, err := f.Get(t.Context(), s.URL); err != nil {
			t.Error(err)
		}
	}
}

// §1: 5 s in all, also when every byte comes soon after the last.
func TestGet_slowAnswerIsGivenUp(t *testing.T) {
	trickle := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = w.Write([]byte(" "))
			w.(http.Flusher).Flush()
			time.Sleep(50 * time.Millisecond)
		}
	}
	silent := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	for name, answer := range map[string]http.HandlerFunc{"trickle": trickle, "silence": silent} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, true, answer)
			begun := time.Now()
			fails(t, s.dev(), s.URL, "did not answer in whole within 5 s")
			if took := time.Since(begun); took > 2*fetch.Within {
				t.Errorf("given up after %v", took)
			}
		})
	}
}

func TestGet_endsWithWhoeverAsked(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, true, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	if _, err := s.dev().Get(ctx, s.URL); err == nil || !strings.Contains(err.Error(), "given up") {
		t.Error(err)
	}
}

func TestGet_leavesNothingBehind(t *testing.T) {
	s := serve(t, true, says("x"))
	f := s.dev()
	before := runtime.NumGoroutine()
	for range 20 {
		if _, err := f.Get(t.Context(), s.URL); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.connections.Load(); n != 20 {
		t.Errorf("%d connections for 20 fetches: some were kept", n)
	}
	for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines more", after-before)
	}
}
