package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// slowReader prints what the server holds while somebody takes a million rows
// slowly.
func slowReader(ctx context.Context, r report, s *server, session string) error {
	before, err := s.process.resident()
	if err != nil {
		return err
	}
	request, err := s.request(ctx, http.MethodPost, "/api/v1/questions/duckdb-1000000/download?format=csv", session, []byte(`{"parameters":{"from":0}}`))
	if err != nil {
		return err
	}
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	peak, size := before, int64(0)
	for piece := int64(1 << 20); ; {
		n, err := io.CopyN(io.Discard, response.Body, piece)
		size += n
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		time.Sleep(50 * time.Millisecond)
		now, err := s.process.resident()
		if err != nil {
			return err
		}
		peak = max(peak, now)
	}
	r.title("a million rows as CSV to a slow reader")
	r.line("%d MiB went out; the process grew from %d to at most %d MiB", size>>20, before>>20, peak>>20)
	return nil
}

// kept prints what a dashboard of eight costs whose cards were all kept: the time
// until a client on the same machine has all of it, which is more than the
// server's own, and the server's CPU.
func (f facts) kept(ctx context.Context, r report, engine string) error {
	const calls = 100
	var took, cpu []float64
	for round := range rounds + 1 {
		before, err := f.server.process.cpu()
		if err != nil {
			return err
		}
		times, err := drive(ctx, calls, 1, func(ctx context.Context, _ int) error {
			return f.server.ask(ctx, http.MethodPost, "/api/v1/dashboards/eight-"+engine+"/run", f.sessions[0], []byte(`{}`), nil)
		})
		if err != nil {
			return err
		}
		after, err := f.server.process.cpu()
		if err != nil {
			return err
		}
		if round > 0 {
			took, cpu = append(took, micro(times[len(times)/2])/1000), append(cpu, micro(after-before)/calls/1000)
		}
	}
	r.title("a cached dashboard of %d cards, %s, one at a time", len(cards), engine)
	r.target("time", spreadOf(took), " ms", 5)
	r.target("CPU", spreadOf(cpu), " ms", 5)
	return nil
}
