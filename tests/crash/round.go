package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/oriel-bi/oriel/hostauth"
)

const (
	tokensPerRound = 2000
	atOnce         = 50
	// personsPerRound sign in more than once each, so that known users are among
	// the sign-ins that are killed.
	personsPerRound = 500
)

// attempt is one token of the round and what became of it before the kill.
type attempt struct {
	email   string // of the person, in the form that the store compares
	token   string
	sent    bool
	session string // empty: not answered
}

// kill is one round: sign in, kill, start again on the same store, try
// everything that was answered and everything that was not, and look into the
// file.
func kill(ctx context.Context, o *installation, round int, random *rand.Rand) (c counts, err error) {
	attempts, err := sign(o.host, round)
	if err != nil {
		return c, err
	}
	if err := o.start(ctx); err != nil {
		return c, err
	}
	if err := storm(ctx, o, attempts, pickMoment(random)); err != nil {
		return c, err
	}
	if err := o.start(ctx); err != nil {
		return c, fmt.Errorf("start again: %w", err)
	}
	if c, err = verify(ctx, o, attempts); err != nil {
		return c, err
	}
	if err := o.end(syscall.SIGTERM); err != nil {
		return c, err
	}
	if c.rows, err = look(ctx, o.store(), attempts); err != nil {
		return c, err
	}
	if c.broken() {
		return c, errors.New("a promise was broken")
	}
	return c, nil
}

// sign makes the round's tokens beforehand, so that the sign-ins come as fast
// as the server takes them. They are good for a minute.
func sign(host *hostauth.Handler, round int) ([]*attempt, error) {
	attempts := make([]*attempt, tokensPerRound)
	for i := range attempts {
		name := fmt.Sprintf("r%d-p%d", round, i%personsPerRound)
		email := name + "@host.example"
		token, err := host.Token(hostauth.Identity{
			Subject: name, Email: email, FirstName: "Pat", LastName: name,
			Groups: []string{"Operators"}, Attributes: map[string]any{"airport": "DFW"},
		})
		if err != nil {
			return nil, err
		}
		attempts[i] = &attempt{email: email, token: token}
	}
	return attempts, nil
}

// moment is when the server is killed: so long after so many answers.
type moment struct {
	answers int
	after   time.Duration
}

// pickMoment is in the middle half of the round. Three times in four it is at
// once after an answer: what was answered too early is then most likely not
// there yet.
func pickMoment(random *rand.Rand) moment {
	m := moment{answers: tokensPerRound/4 + random.IntN(tokensPerRound/2)}
	if random.IntN(4) == 0 {
		m.after = time.Duration(random.Int64N(int64(5 * time.Millisecond)))
	}
	return m
}

// storm signs in until the server is killed. Whatever is answered before must
// be an accepted sign-in.
func storm(ctx context.Context, o *installation, attempts []*attempt, when moment) error {
	var next, answered atomic.Int64
	var killed atomic.Bool
	var once sync.Once
	var ended error
	strike := func() {
		time.Sleep(when.after)
		killed.Store(true)
		ended = o.end(syscall.SIGKILL)
	}
	var all errgroup.Group
	for range atOnce {
		all.Go(func() error {
			for !killed.Load() {
				i := int(next.Add(1)) - 1
				if i >= len(attempts) {
					return nil
				}
				each := attempts[i]
				each.sent = true
				a, err := o.exchange(ctx, each.token)
				switch {
				case err != nil && killed.Load():
					return nil
				case err != nil:
					return fmt.Errorf("a sign-in before the kill: %w", err)
				case !a.accepted():
					return fmt.Errorf("a sign-in before the kill was answered %d %s", a.status, a.code)
				}
				each.session = a.session
				if int(answered.Add(1)) == when.answers {
					once.Do(strike)
				}
			}
			return nil
		})
	}
	if err := all.Wait(); err != nil {
		return err
	}
	if !killed.Load() {
		return errors.New("the sign-ins were over before the server was killed")
	}
	return ended
}
