package query

import (
	"context"
	"slices"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// warmEach is how often a new declaration is looked for.
const warmEach = time.Second

// Warm has those engines get ready that will be asked SQL, now and when another
// declaration is there, until ctx ends: nobody's chart waits for it.
func (q *Queries) Warm(ctx context.Context) {
	look := time.NewTicker(warmEach)
	defer look.Stop()
	var last *oriel.Declaration
	for {
		if d := q.declared(); d != last {
			last = d
			q.warm(d)
		}
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
	}
}

func (q *Queries) warm(d *oriel.Declaration) {
	for _, src := range d.Sources {
		if engine, is := q.engines[src.Kind].(source.Warmer); is && asksSQL(d, src.Key) {
			engine.Warm()
		}
	}
}

// asksSQL tells whether a source is asked SQL: by a saved question, or by people
// who may write their own.
func asksSQL(d *oriel.Declaration, key string) bool {
	return slices.ContainsFunc(d.Questions, func(o oriel.Question) bool { return o.Source == key && o.Structured == nil }) ||
		slices.ContainsFunc(d.Groups, func(g oriel.Group) bool { return g.Sources[key] == oriel.GrantNative })
}
