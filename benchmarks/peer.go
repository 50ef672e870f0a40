package main

import (
	"context"
	"path/filepath"
	"time"
)

// startPeer starts one of benchmarks/peers, which keeps its database in the
// folder, on the store's own schema.
func startPeer(ctx context.Context, name, folder string, h *host) (side, error) {
	schema, err := filepath.Abs("internal/store/schema.sql")
	if err != nil {
		return side{}, err
	}
	process, err := startChild(ctx, []string{
		"NODE_ENV=production", "BENCH_SECRET=" + h.secret, "BENCH_KID=" + h.kid, "BENCH_ISSUER=" + hostBackend,
		"BENCH_AUDIENCE=" + h.audience, "BENCH_ORIGIN=" + hostOrigin,
		"BENCH_DATABASE=" + filepath.Join(folder, name+".db"), "BENCH_SCHEMA=" + schema,
	}, "node", filepath.Join("benchmarks", "peers", name+".js"))
	if err != nil {
		return side{}, err
	}
	url, err := process.line()
	if err != nil {
		return side{process: process}, err
	}
	return exchanging(name, endpoint{url: url, client: newClient()}, process), nil
}

// exchanging is a side that exchanges tokens over HTTP.
func exchanging(name string, e endpoint, process *child) side {
	return side{name: name, process: process, run: func(ctx context.Context, tokens []string, atOnce int) ([]time.Duration, error) {
		return drive(ctx, len(tokens), atOnce, func(ctx context.Context, i int) error {
			_, err := e.exchange(ctx, tokens[i])
			return err
		})
	}}
}
