package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// asking is a side that asks who is signed in, for one session after another.
func asking(name string, e endpoint, process *child) side {
	return side{name: name, process: process, run: func(ctx context.Context, sessions []string, atOnce int) ([]time.Duration, error) {
		return drive(ctx, len(sessions), atOnce, func(ctx context.Context, i int) error {
			return e.ask(ctx, http.MethodGet, "/api/v1/session", sessions[i], nil, nil)
		})
	}}
}

// check compares a request that only asks who is signed in with an empty
// answer of net/http, while there are a million sessions.
func check(ctx context.Context, r report, binary, declaration string) (err error) {
	began := time.Now()
	s, err := startServer(ctx, binary, declaration, seedSessions)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	started := time.Since(began)
	program, err := os.Executable()
	if err != nil {
		return err
	}
	process, err := startChild(ctx, nil, program, "-child", "empty")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, process.stop()) }()
	url, err := process.line()
	if err != nil {
		return err
	}
	same, err := startChild(ctx, nil, program, "-child", "same")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, same.stop()) }()
	sameURL, err := same.line()
	if err != nil {
		return err
	}
	sides := []side{
		asking("oriel", s.endpoint, s.process),
		asking("empty", endpoint{url: url, client: newClient()}, process),
		asking("same", endpoint{url: sameURL, client: newClient()}, same),
	}

	// Each session is used once, since the server remembers those that are used.
	empty, err := s.process.resident()
	if err != nil {
		return err
	}
	began = time.Now()
	if _, err := drive(ctx, seededSessions, mostAtOnce, func(ctx context.Context, i int) error {
		return s.ask(ctx, http.MethodGet, "/api/v1/session", seededToken(i), nil, nil)
	}); err != nil {
		return err
	}
	full, err := s.process.resident()
	if err != nil {
		return err
	}
	r.title("session check among %d live sessions of %d users", seededSessions, seededUsers)
	r.line("filled and started in %.0f s, each used once in %.0f s; the process grew from %d to %d MiB",
		started.Seconds(), time.Since(began).Seconds(), empty>>20, full>>20)
	// What is measured is people who work: ten sessions each of some hundred.
	live := make([]string, 1000)
	for i := range live {
		live[i] = seededToken(i * (seededSessions / len(live)))
	}
	for _, load := range []struct{ atOnce, calls int }{{1, 5000}, {mostAtOnce, 10_000}} {
		measured, err := interleave(ctx, sides, load.atOnce, rounds, func() ([]string, error) {
			asked := make([]string, load.calls)
			for i := range asked {
				asked[i] = live[i%len(live)]
			}
			return asked, nil
		})
		if err != nil {
			return err
		}
		r.line("%d at once, %d a round", load.atOnce, load.calls)
		r.sides(sides, measured)
		r.target("CPU, oriel / empty", measured.ratio("oriel", "empty", cpuOf), " ×", 1.3)
		least := measured.ratio("same", "empty", cpuOf)
		r.line("CPU, the same bytes without any of the work / empty: %.3g × (%.3g to %.3g)", least.median, least.least, least.greatest)
	}
	return remembered(ctx, r)
}

// remembered prints what the benchmark of the index itself found: bytes for
// each session, and how long a forced collection takes with a million.
func remembered(ctx context.Context, r report) error {
	var size, collection []float64
	for range rounds {
		out, err := output(ctx, nil, "go", "test", "-run", "^$", "-bench", "^BenchmarkIndex_aMillionSessions$", "-benchtime", "20x", "./internal/session")
		if err != nil {
			return err
		}
		bytes, ok := metric(out, "bytes/session")
		took, timed := metric(out, "ms/collection")
		if !ok || !timed {
			return fmt.Errorf("the benchmark of the index does not say what it took: %s", out)
		}
		size, collection = append(size, bytes), append(collection, took)
	}
	r.target("memory for a session", spreadOf(size), " bytes", 100)
	r.target("a forced collection with a million", spreadOf(collection), " ms", 5)
	return nil
}

// metric finds the number that stands before a unit in what go test printed.
func metric(out []byte, unit string) (float64, bool) {
	fields := strings.Fields(string(out))
	at := slices.Index(fields, unit)
	if at < 1 {
		return 0, false
	}
	value, err := strconv.ParseFloat(fields[at-1], 64)
	return value, err == nil
}

// serveEmpty answers every request with nothing.
func serveEmpty(ctx context.Context, in io.Reader, out io.Writer) error {
	return serveAlways(ctx, in, out, func(http.ResponseWriter, *http.Request) {})
}

// serveSame answers every request with the bytes that the server's answer has,
// and does nothing for it: less than that no check can cost.
func serveSame(ctx context.Context, in io.Reader, out io.Writer) error {
	headers := http.Header{
		"Access-Control-Allow-Origin": {hostOrigin}, "Access-Control-Expose-Headers": {"Retry-After, X-Request-Id"},
		"Cache-Control": {"no-store"}, "Content-Security-Policy": {"default-src 'none'; frame-ancestors 'none'"},
		"Content-Type": {"application/json"}, "Cross-Origin-Resource-Policy": {"same-origin"}, "Referrer-Policy": {"no-referrer"},
		"Vary": {"Origin"}, "X-Content-Type-Options": {"nosniff"}, "X-Request-Id": {"XK7-4QF"},
	}
	body := []byte(`{"expires_at":1795736400,"expires_in":86400,"kind":"embed","server_time":1795650000,"user":{"attributes":{},` +
		`"email":"seed-1@apron.example","groups":["all-users"],"id":"` + seededUser(1) + `","locale":null,"name":"See Ded","tenant":null}}`)
	return serveAlways(ctx, in, out, func(w http.ResponseWriter, _ *http.Request) {
		maps.Copy(w.Header(), headers)
		_, _ = w.Write(body) // an error says only that the client is gone
	})
}

// serveAlways gives every request the same answer, until its input ends.
func serveAlways(ctx context.Context, in io.Reader, out io.Writer, handle http.HandlerFunc) error {
	var settings net.ListenConfig
	listener, err := settings.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "http://"+listener.Addr().String())
	server := &http.Server{Handler: handle}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	_, err = io.Copy(io.Discard, in)
	err = errors.Join(err, server.Close())
	if serving := <-ended; !errors.Is(serving, http.ErrServerClosed) {
		err = errors.Join(err, serving)
	}
	return err
}
