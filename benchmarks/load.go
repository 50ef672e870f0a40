package main

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// mostAtOnce is the most requests that are on their way at the same time.
const mostAtOnce = 64

// newClient keeps a connection for each request that is on its way.
func newClient() *http.Client {
	return &http.Client{
		Timeout:   30 * time.Second,
		Transport: &http.Transport{MaxIdleConns: 0, MaxIdleConnsPerHost: mostAtOnce, MaxConnsPerHost: mostAtOnce, DisableCompression: true},
	}
}

// paced is drive for what shares a machine: how long each took says then who was
// served first, so that the one figure is the whole time by the number of calls.
func paced(ctx context.Context, calls, atOnce int, do func(ctx context.Context, i int) error) ([]time.Duration, error) {
	began := time.Now()
	took, err := drive(ctx, calls, atOnce, do)
	if err != nil || atOnce == 1 {
		return took, err
	}
	return []time.Duration{time.Since(began) / time.Duration(calls)}, nil
}

// drive calls do for 0 to calls-1, so many at once, and gives how long each took, sorted.
// It stops at the first error.
func drive(ctx context.Context, calls, atOnce int, do func(ctx context.Context, i int) error) ([]time.Duration, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	took := make([]time.Duration, calls)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range atOnce {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < calls && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				began := time.Now()
				if err := do(ctx, i); err != nil {
					cancel(err)
					return
				}
				took[i] = time.Since(began)
			}
		})
	}
	workers.Wait()
	if ctx.Err() != nil {
		return nil, errors.Join(context.Cause(ctx))
	}
	slices.Sort(took)
	return took, nil
}
