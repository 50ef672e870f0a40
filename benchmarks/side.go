package main

import (
	"context"
	"fmt"
	"time"
)

// side is one way to do the work that is compared.
type side struct {
	name string
	// ready is called before each round with what the round will work on, and
	// is not measured. It may be nil.
	ready func(work []string) error
	// run does the round's work, so many at once, and tells how long each took,
	// sorted; one figure when it knows no more than the mean.
	run func(ctx context.Context, work []string, atOnce int) ([]time.Duration, error)
	// process is whose CPU time counts.
	process *child
}

// sample is what one round of a side took, for each call.
type sample struct {
	cpu, median, slow time.Duration // slow: 99 of 100 were quicker
}

// measure runs one round.
func (s side) measure(ctx context.Context, work []string, atOnce int) (sample, error) {
	if s.ready != nil {
		if err := s.ready(work); err != nil {
			return sample{}, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	before, err := s.process.cpu()
	if err != nil {
		return sample{}, err
	}
	took, err := s.run(ctx, work, atOnce)
	if err != nil {
		return sample{}, fmt.Errorf("%s: %w", s.name, err)
	}
	after, err := s.process.cpu()
	if err != nil {
		return sample{}, err
	}
	return sample{
		cpu:    (after - before) / time.Duration(len(work)),
		median: took[len(took)/2], slow: took[len(took)*99/100],
	}, nil
}
