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

// asked is a question through the API, for one session after another. Whoever is
// told to come back later does so when the answer says; refused counts how often.
func asked(s *server, sessions []string, path string, refused *atomic.Int64) side {
	var next atomic.Int64
	return side{name: "oriel", process: s.process, run: func(ctx context.Context, work []string, atOnce int) ([]time.Duration, error) {
		return paced(ctx, len(work), atOnce, func(ctx context.Context, i int) error {
			session := sessions[int(next.Add(1))%len(sessions)]
			body := []byte(`{"parameters":{"from":` + work[i] + `}}`)
			for {
				wait, err := s.askPatiently(ctx, path, session, body)
				if err != nil || wait == 0 {
					return err
				}
				refused.Add(1)
				time.Sleep(wait)
			}
		})
	}}
}

// askPatiently makes one request, reads the whole answer and throws it away, and
// gives how long to wait when too many are under way.
func (e endpoint) askPatiently(ctx context.Context, path, session string, body []byte) (wait time.Duration, err error) {
	request, err := e.request(ctx, http.MethodPost, path, session, body)
	if err != nil {
		return 0, err
	}
	response, err := e.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
		_, err := io.Copy(io.Discard, response.Body)
		return 0, err
	case http.StatusTooManyRequests:
		seconds, err := strconv.Atoi(response.Header.Get("Retry-After"))
		return time.Duration(seconds) * time.Second, err
	}
	answer, err := io.ReadAll(response.Body)
	return 0, errors.Join(fmt.Errorf("%s: %s: %s", path, response.Status, answer), err)
}

// facts is a server over the facts on both engines, with a session for each who
// asks at the same time.
type facts struct {
	server   *server
	sessions []string
	address  map[string]string // where the plain driver finds the rows
}

// card compares questions through the API, sign-in check, policies and JSON
// included, with the same constrained SQL on the same rows on the driver.
func card(ctx context.Context, r report, binary, _ string) (err error) {
	folder, err := os.MkdirTemp("", "oriel-facts-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	declaration, err := writeFacts(folder)
	if err != nil {
		return err
	}
	database, err := startDatabase(ctx, fillFacts(ctx, folder))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.Stop()) }()
	url := database.URLAs(reader, "postgres")
	s, err := startServer(ctx, binary, declaration, nil, "BENCH_SERVER_URL="+url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	f := facts{server: s, sessions: make([]string, mostCards), address: map[string]string{"postgres": url}}
	files, err := filepath.Glob(filepath.Join(s.folder, "sources", "*.duckdb"))
	if err != nil || len(files) != 1 {
		return fmt.Errorf("find the imported source: %d files, %w", len(files), err)
	}
	f.address["duckdb"] = files[0]
	for _, engine := range engines {
		if err := f.cards(ctx, r, engine); err != nil {
			return err
		}
	}
	if err := f.signIn(ctx); err != nil {
		return err
	}
	if err := slowReader(ctx, r, s, f.sessions[0]); err != nil {
		return err
	}
	for _, engine := range engines {
		if err := f.kept(ctx, r, engine); err != nil {
			return err
		}
	}
	return nil
}

// mostCards are asked for at the same time.
const mostCards = 50

// load is so many of one card, so many at once, in each of some rounds.
type load struct {
	rows, atOnce, calls, rounds int
	way                         string
}

// cards compares the cards of one engine.
func (f facts) cards(ctx context.Context, r report, engine string) error {
	for _, l := range []load{
		{10, 1, 200, rounds, "run"},
		{10, mostCards, 400, rounds, "run"},
		{10_000, 1, 20, rounds, "download?format=json"},
		{10_000, mostCards, mostCards, rounds, "download?format=json"},
		{factRows, 1, 1, rounds, "download?format=json"},
		{factRows, mostCards, mostCards, 1, "download?format=json"}, // one round: it is long, and fifty even each other out
	} {
		if err := f.cardsOf(ctx, r, engine, l); err != nil {
			return fmt.Errorf("%s, %d rows, %d at once: %w", engine, l.rows, l.atOnce, err)
		}
	}
	return nil
}

// signIn begins a session for each who asks at the same time: those of before
// may end while others are measured.
func (f facts) signIn(ctx context.Context) (err error) {
	for i := range f.sessions {
		if f.sessions[i], err = f.server.signIn(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (f facts) cardsOf(ctx context.Context, r report, engine string, l load) error {
	if err := f.signIn(ctx); err != nil {
		return err
	}
	var refused atomic.Int64
	sides := []side{asked(f.server, f.sessions, fmt.Sprintf("/api/v1/questions/%s-%d/%s", engine, l.rows, l.way), &refused)}
	for _, other := range []struct {
		name   string
		byHand bool
	}{{"driver", false}, {"by hand", true}} {
		if other.byHand && l.atOnce > 1 {
			continue // it would say again what it said of one at once
		}
		driver, err := startDriver(ctx, other.name, driven{engine, f.address[engine], l.rows, other.byHand})
		if err != nil {
			return err
		}
		defer func() { _ = driver.process.stop() }() // it has nothing to lose
		sides = append(sides, driver)
	}
	// Every id is more, so that all read the same rows; nothing is kept of another load.
	from := -1_000_000 * l.atOnce
	measured, err := interleave(ctx, sides, l.atOnce, l.rounds, func() ([]string, error) {
		work := make([]string, l.calls)
		for i := range work {
			from--
			work[i] = strconv.Itoa(from)
		}
		return work, nil
	})
	if err != nil {
		return err
	}
	r.title("card, %s, %d rows, %d at once, %d a round, rounds: %d", engine, l.rows, l.atOnce, l.calls, l.rounds)
	r.sides(sides, measured)
	if l.rows == 10 {
		r.target("time that the API adds", measured.added("oriel", "driver", medianOf), " µs", 1000)
	} else {
		r.target("time, oriel / driver", measured.ratio("oriel", "driver", medianOf), " ×", 1.3)
	}
	if l.rows > 10 && engine == "duckdb" { // which runs in each side's own process
		r.line("CPU, oriel / driver: %.2f ×", measured.ratio("oriel", "driver", cpuOf).median)
	}
	if count := refused.Load(); count > 0 {
		r.line("told to come back later: %d times in all rounds, for %d answers in each", count, l.calls)
	}
	return nil
}
