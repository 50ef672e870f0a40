package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"
)

// asked is a question through the API, for one session after another.
func asked(s *server, sessions []string, path string) side {
	var next atomic.Int64
	return side{name: "oriel", process: s.process, run: func(ctx context.Context, work []string, atOnce int) ([]time.Duration, error) {
		return paced(ctx, len(work), atOnce, func(ctx context.Context, i int) error {
			session := sessions[int(next.Add(1))%len(sessions)]
			return s.ask(ctx, http.MethodPost, path, session, []byte(`{"parameters":{"from":`+work[i]+`}}`), nil)
		})
	}}
}

// card compares questions through the API, sign-in check, policies and JSON
// included, with the same constrained SQL on the same file on the driver.
func card(ctx context.Context, r report, binary, declaration string) (err error) {
	folder, err := os.MkdirTemp("", "oriel-facts-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	facts, err := writeFacts(folder)
	if err != nil {
		return err
	}
	s, err := startServer(ctx, binary, facts, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	sessions := make([]string, mostAtOnce)
	for i := range sessions {
		if sessions[i], err = s.signIn(ctx); err != nil {
			return err
		}
	}
	files, err := filepath.Glob(filepath.Join(s.folder, "sources", "*.duckdb"))
	if err != nil || len(files) != 1 {
		return fmt.Errorf("find the imported source: %d files, %w", len(files), err)
	}
	from := 0
	for _, load := range []struct {
		rows, atOnce, calls int
		path                string
	}{
		{10, 1, 200, "/api/v1/questions/rows-10/run"},
		{10, 50, 400, "/api/v1/questions/rows-10/run"},
		{10_000, 1, 20, "/api/v1/questions/rows-10000/download?format=json"},
		{10_000, 50, 50, "/api/v1/questions/rows-10000/download?format=json"},
		{factRows, 1, 1, "/api/v1/questions/rows-1000000/download?format=json"},
		{factRows, 4, 4, "/api/v1/questions/rows-1000000/download?format=json"}, // as many as are let in at once
	} {
		driver, err := startDriver(ctx, files[0], load.rows)
		if err != nil {
			return err
		}
		sides := []side{asked(s, sessions, load.path), driver}
		measured, err := interleave(ctx, sides, load.atOnce, func() ([]string, error) {
			work := make([]string, load.calls)
			for i := range work {
				from++
				work[i] = strconv.Itoa(from)
			}
			return work, nil
		})
		if err = errors.Join(err, driver.process.stop()); err != nil {
			return err
		}
		r.title("card, %d rows, %d at once, %d a round", load.rows, load.atOnce, load.calls)
		r.sides(sides, measured)
		if load.rows == 10 {
			r.target("time that the API adds", measured.added("oriel", "driver", medianOf), " µs", 1000)
		} else {
			r.target("time, oriel / driver", measured.ratio("oriel", "driver", medianOf), " ×", 1.3)
			r.target("CPU, oriel / driver", measured.ratio("oriel", "driver", cpuOf), " ×", 1.3)
		}
	}
	if err := slowReader(ctx, r, s, sessions[0]); err != nil {
		return err
	}
	return cachedDashboard(ctx, r, binary, declaration)
}

// slowReader prints what the server holds while somebody takes a million rows
// slowly.
func slowReader(ctx context.Context, r report, s *server, session string) error {
	before, err := s.process.resident()
	if err != nil {
		return err
	}
	request, err := s.request(ctx, http.MethodPost, "/api/v1/questions/rows-1000000/download?format=csv", session, []byte(`{"parameters":{"from":0}}`))
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

// cachedDashboard prints what a dashboard costs whose cards were all kept.
func cachedDashboard(ctx context.Context, r report, binary, declaration string) (err error) {
	s, err := startServer(ctx, binary, declaration, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	session, err := s.signIn(ctx)
	if err != nil {
		return err
	}
	const calls = 100
	var took, cpu []float64
	for round := range rounds + 1 {
		before, err := s.process.cpu()
		if err != nil {
			return err
		}
		times, err := drive(ctx, calls, 1, func(ctx context.Context, _ int) error {
			return s.ask(ctx, http.MethodPost, "/api/v1/dashboards/airport-operations/run", session, []byte(`{}`), nil)
		})
		if err != nil {
			return err
		}
		after, err := s.process.cpu()
		if err != nil {
			return err
		}
		if round > 0 {
			took, cpu = append(took, micro(times[len(times)/2])/1000), append(cpu, micro(after-before)/calls/1000)
		}
	}
	r.title("a cached dashboard of 9 cards, one at a time")
	r.target("time", spreadOf(took), " ms", 5)
	r.target("CPU", spreadOf(cpu), " ms", 5)
	return nil
}
