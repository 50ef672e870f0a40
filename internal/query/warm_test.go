package query_test

import (
	"context"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
	"github.com/oriel-bi/oriel/internal/source"
)

// warmed tells when it is asked to get ready.
type warmed struct {
	source.Engine
	told chan struct{}
}

func (w warmed) Warm() { w.told <- struct{}{} }

// An engine gets ready for SQL when somebody may ask some, and spends nothing
// where nobody does.
func TestWarm_whereSQLIsAsked(t *testing.T) {
	src := []oriel.Source{{Key: "s", Kind: oriel.SourcePostgres}, {Key: "other", Kind: oriel.SourceDuckDB}}
	for what, c := range map[string]struct {
		declared oriel.Declaration
		want     bool
	}{
		"a saved question of SQL": {oriel.Declaration{Questions: []oriel.Question{{Key: "q", Source: "s", SQL: "select 1"}}}, true},
		"people who write SQL":    {oriel.Declaration{Groups: []oriel.Group{{Key: "g", Sources: map[string]oriel.SourceGrant{"s": oriel.GrantNative}}}}, true},
		"structured questions alone": {oriel.Declaration{
			Questions: []oriel.Question{{Key: "q", Source: "s", Structured: &oriel.Structured{Model: "m"}}},
			Groups:    []oriel.Group{{Key: "g", Sources: map[string]oriel.SourceGrant{"s": oriel.GrantExplore}}},
		}, false},
		"SQL for another source": {oriel.Declaration{Questions: []oriel.Question{{Key: "q", Source: "other", SQL: "select 1"}}}, false},
	} {
		t.Run(what, func(t *testing.T) {
			engine := warmed{told: make(chan struct{}, 9)}
			first, second := &oriel.Declaration{Sources: src}, c.declared
			second.Sources = src
			looks, declared := make(chan struct{}, 99), make(chan *oriel.Declaration, 1)
			declared <- first
			queries := query.New(query.Options{
				Engines: map[oriel.SourceKind]source.Engine{oriel.SourcePostgres: engine},
				Declared: func() *oriel.Declaration {
					now := <-declared
					declared <- now
					looks <- struct{}{}
					return now
				},
			})
			ctx, end := context.WithCancel(t.Context())
			ended := make(chan struct{})
			go func() { defer close(ended); queries.Warm(ctx) }()
			<-looks
			<-declared
			declared <- &second
			<-looks
			end()
			<-ended
			if got := len(engine.told) > 0; got != c.want {
				t.Errorf("it got ready: %v", got)
			}
		})
	}
}
