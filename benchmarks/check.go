package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
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
	ready := time.Since(began)
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
	sides := []side{asking("oriel", s.endpoint, s.process), asking("empty", endpoint{url: url, client: newClient()}, process)}

	tokens, err := s.host.tokens(people)
	if err != nil {
		return err
	}
	var live []string
	for _, token := range tokens {
		session, err := s.exchange(ctx, token)
		if err != nil {
			return err
		}
		live = append(live, session)
	}
	r.title("session check among %d live sessions (filled and ready after %.0f s)", seededSessions+len(live), ready.Seconds())
	for _, load := range []struct{ atOnce, calls int }{{1, 5000}, {mostAtOnce, 10_000}} {
		measured, err := interleave(ctx, sides, load.atOnce, func() ([]string, error) {
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
	}
	resident, err := s.process.resident()
	if err != nil {
		return err
	}
	r.line("the server's memory, all in all: %d MiB", resident>>20)
	return nil
}

// serveEmpty answers every request with nothing, until its input ends.
func serveEmpty(ctx context.Context, in io.Reader, out io.Writer) error {
	var settings net.ListenConfig
	listener, err := settings.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "http://"+listener.Addr().String())
	server := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	_, err = io.Copy(io.Discard, in)
	err = errors.Join(err, server.Close())
	if serving := <-ended; !errors.Is(serving, http.ErrServerClosed) {
		err = errors.Join(err, serving)
	}
	return err
}
