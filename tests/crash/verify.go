package main

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"
)

// verify tries every token that was sent, and every session that was answered,
// on the server that was started again; an error means that it could not.
func verify(ctx context.Context, o *installation, attempts []*attempt) (counts, error) {
	var lock sync.Mutex
	var total counts
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(atOnce)
	for _, each := range attempts {
		if !each.sent {
			continue
		}
		all.Go(func() error {
			check := unanswered
			if each.session != "" {
				check = answered
			}
			c, err := check(ctx, o, each)
			if err != nil {
				return fmt.Errorf("a request after the start: %w", err)
			}
			lock.Lock()
			defer lock.Unlock()
			total.add(c)
			return nil
		})
	}
	return total, all.Wait()
}

// answered: the session works, and the token never signs in again.
func answered(ctx context.Context, o *installation, each *attempt) (counts, error) {
	c := counts{answered: 1}
	works, err := o.works(ctx, each.session)
	if err != nil {
		return c, err
	}
	if !works {
		c.missing++
	}
	again, err := o.exchange(ctx, each.token)
	if err != nil {
		return c, err
	}
	switch {
	case again.accepted():
		c.twice++
	case !again.replayed():
		c.wrong++
	}
	return c, nil
}

// unanswered: the token was spent with nobody told, or it signs in now; either
// way it never does again.
func unanswered(ctx context.Context, o *installation, each *attempt) (counts, error) {
	var c counts
	first, err := o.exchange(ctx, each.token)
	if err != nil {
		return c, err
	}
	second, err := o.exchange(ctx, each.token)
	if err != nil {
		return c, err
	}
	switch {
	case first.replayed():
		c.committed++
	case first.accepted():
		c.lost++
		works, err := o.works(ctx, first.session)
		if err != nil {
			return c, err
		}
		if !works {
			c.missing++
		}
	default:
		c.wrong++
	}
	switch {
	case second.accepted():
		c.twice++
	case !second.replayed():
		c.wrong++
	}
	return c, nil
}
