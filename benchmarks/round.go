package main

import (
	"context"
	"slices"
	"time"
)

// rounds is odd, so that the median is one of them.
const rounds = 9

// results are the samples of each side, round by round, by the side's name.
type results map[string][]sample

// interleave gives every side a turn in each round, after one that does not
// count; a round that is alone is long enough to count from its start. Who begins
// turns with the rounds, and every other round goes backwards. work makes what a
// round works on, the same for all sides.
func interleave(ctx context.Context, sides []side, atOnce, rounds int, work func() ([]string, error)) (results, error) {
	measured := results{}
	unmeasured := 1
	if rounds == 1 {
		unmeasured = 0
	}
	for round := range rounds + unmeasured {
		todo, err := work()
		if err != nil {
			return nil, err
		}
		order := append(slices.Clone(sides[round%len(sides):]), sides[:round%len(sides)]...)
		if round%2 == 1 {
			slices.Reverse(order)
		}
		for _, s := range order {
			one, err := s.measure(ctx, todo, atOnce)
			if err != nil {
				return nil, err
			}
			if round >= unmeasured {
				measured[s.name] = append(measured[s.name], one)
			}
		}
	}
	return measured, nil
}

// spread is the median of the rounds, with the least and the greatest.
type spread struct{ median, least, greatest float64 }

func spreadOf(values []float64) spread {
	slices.Sort(values)
	return spread{median: values[len(values)/2], least: values[0], greatest: values[len(values)-1]}
}

// of is the spread of one figure of a side, in microseconds.
func (r results) of(name string, figure func(sample) time.Duration) spread {
	var values []float64
	for _, s := range r[name] {
		values = append(values, micro(figure(s)))
	}
	return spreadOf(values)
}

// ratio is the spread of a figure of one side to that of another, each pair
// from one round.
func (r results) ratio(name, other string, figure func(sample) time.Duration) spread {
	var values []float64
	for i, s := range r[name] {
		values = append(values, float64(figure(s))/float64(figure(r[other][i])))
	}
	return spreadOf(values)
}

// added is the spread of how much more one side takes than another, in
// microseconds, each pair from one round.
func (r results) added(name, other string, figure func(sample) time.Duration) spread {
	var values []float64
	for i, s := range r[name] {
		values = append(values, micro(figure(s)-figure(r[other][i])))
	}
	return spreadOf(values)
}

func cpuOf(s sample) time.Duration    { return s.cpu }
func medianOf(s sample) time.Duration { return s.median }
func slowOf(s sample) time.Duration   { return s.slow }

func micro(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
