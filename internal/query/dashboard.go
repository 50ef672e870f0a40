package query

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// DashboardCard is a card with the question that it shows.
type DashboardCard struct {
	Card     oriel.Card
	Question oriel.Question
}

// Lines takes a dashboard's answer in parts. Calls never overlap; an error
// from one ends the run.
type Lines struct {
	// Layout comes first, before any card has run.
	Layout func(oriel.Dashboard, []DashboardCard) error
	// Card comes once for each card of the layout, in the order in which they
	// finish; with err the result is empty.
	Card func(key string, result oriel.Result, err error) error
}

// RunDashboard runs the cards of a dashboard, at most four of a source at once.
// A card that fails is an error on that card alone. A card whose question the
// principal may not view is left out, as if it did not exist. Errors, all
// before the layout: not_found, invalid_request naming each bad parameter;
// later only those of Lines, or ctx's own, which stops all cards.
func (q *Queries) RunDashboard(ctx context.Context, p oriel.Principal, key string, parameters map[string]json.RawMessage, on Lines) error {
	s := snapshot{q.declared()}
	dashboard, err := q.dashboard(s, p, key)
	if err != nil {
		return err
	}
	values, err := parseParameters(dashboard.Parameters, parameters)
	if err != nil {
		return shown(err)
	}
	cards, err := q.cards(s, p, dashboard)
	if err != nil {
		return err
	}
	if err := on.Layout(dashboard, cards); err != nil {
		return err
	}
	var one sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	// Those of a source that does not answer wait for each other alone.
	turns := map[string]chan struct{}{}
	for _, card := range cards {
		turn, found := turns[card.Question.Source]
		if !found {
			turn = make(chan struct{}, maxAtOnce)
			turns[card.Question.Source] = turn
		}
		group.Go(func() error {
			select {
			case turn <- struct{}{}:
				defer func() { <-turn }()
			case <-ctx.Done():
				return ctx.Err()
			}
			result, err := q.runCard(ctx, s, p, card, values)
			one.Lock()
			defer one.Unlock()
			if gone := ctx.Err(); gone != nil {
				return gone
			}
			return on.Card(card.Card.Key, result, err)
		})
	}
	return group.Wait()
}

// cards are those that the principal may view.
func (q *Queries) cards(s snapshot, p oriel.Principal, dashboard oriel.Dashboard) ([]DashboardCard, error) {
	cards := make([]DashboardCard, 0, len(dashboard.Cards))
	for _, card := range dashboard.Cards {
		question, err := q.question(s, p, card.Question)
		if oriel.CodeOf(err) == oriel.CodeNotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		cards = append(cards, DashboardCard{Card: card, Question: question})
	}
	return cards, nil
}

// runCard runs one card with the dashboard's values under its question's names.
func (q *Queries) runCard(ctx context.Context, s snapshot, p oriel.Principal, card DashboardCard, values map[string]source.ParameterValue) (result oriel.Result, err error) {
	defer func() {
		// In a goroutine of its own a panic would end the server, not the card.
		if thrown := recover(); thrown != nil {
			result, err = oriel.Result{}, &oriel.Error{Code: oriel.CodeInternal, Err: fmt.Errorf("%w: %v\n%s", errPanicked, thrown, debug.Stack())}
		}
	}()
	mapped := map[string]source.ParameterValue{}
	for from, to := range card.Card.Parameters {
		if value, brought := values[from]; brought {
			mapped[to] = value
		}
	}
	if err := withDefaults(card.Question.Parameters, mapped); err != nil {
		return oriel.Result{}, shown(err)
	}
	return q.run(ctx, s, p, card.Question, mapped)
}
