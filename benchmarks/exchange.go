package main

import (
	"context"
	"errors"
	"os"
)

// exchange compares a sign-in of the server with that of Express, of Fastify
// and of the libraries alone.
func exchange(ctx context.Context, r report, binary, declaration string) (err error) {
	s, err := startServer(ctx, binary, declaration, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	folder, err := os.MkdirTemp("", "oriel-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()

	sides := []side{exchanging("oriel", s.endpoint, s.process)}
	for _, start := range []func() (side, error){
		func() (side, error) { return startPeer(ctx, "express", folder, s.host) },
		func() (side, error) { return startPeer(ctx, "fastify", folder, s.host) },
		func() (side, error) { return startDirect(ctx, folder, s.host) },
	} {
		other, err := start()
		if other.process != nil {
			defer func() { _ = other.process.stop() }() // its database is thrown away
		}
		if err != nil {
			return err
		}
		sides = append(sides, other)
	}
	for _, load := range []struct{ atOnce, calls int }{{1, 1000}, {mostAtOnce, 1500}} {
		measured, err := interleave(ctx, sides, load.atOnce, rounds, func() ([]string, error) { return s.host.tokens(load.calls) })
		if err != nil {
			return err
		}
		r.title("exchange, HS256, %d at once, %d a round (direct: %d in a transaction)", load.atOnce, load.calls, load.atOnce)
		r.sides(sides, measured)
		r.target("CPU, oriel / express", measured.ratio("oriel", "express", cpuOf), " ×", 1.0/3)
		r.target("CPU, oriel / fastify", measured.ratio("oriel", "fastify", cpuOf), " ×", 1)
		r.target("CPU, oriel / direct", measured.ratio("oriel", "direct", cpuOf), " ×", 1.5)
		r.line("median time, oriel / fastify: %.2f ×", measured.ratio("oriel", "fastify", medianOf).median)
	}

	const counted = 1000
	var commits []float64
	early := int64(0)
	for range rounds {
		count, err := countCommits(ctx, s, counted)
		if err != nil {
			return err
		}
		commits = append(commits, float64(count.commits))
		early += count.early
	}
	r.title("commits, %d exchanges at %d at once", counted, mostAtOnce)
	r.target("commits for 1,000 exchanges", spreadOf(commits), "", 80)
	r.line("answered before it was committed: %d of %d", early, rounds*counted)
	return nil
}
