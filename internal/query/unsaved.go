package query

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// ReadQuestion reads a question under the names that it has in a declaration. It
// may name what seen holds, and nothing else. Its errors are sentences for whoever
// wrote it.
type ReadQuestion func(settings map[string]any, seen *oriel.Declaration) (oriel.Question, error)

// MayAsk tells whether the principal may ask any question of their own at all.
// Errors: forbidden when no group of theirs may explore a data source; else as
// [access.ReadContent].
func (q *Queries) MayAsk(p oriel.Principal) error {
	if err := access.ReadContent(p); err != nil {
		return err
	}
	d := q.declared()
	for _, src := range d.Sources {
		if access.ExploreSource(p, d.Groups, src.Key) == nil {
			return nil
		}
	}
	return oriel.E(oriel.CodeForbidden, "None of this user's groups may ask questions of their own.")
}

// RunUnsaved runs a question that the principal wrote. It goes the way of a
// saved one: [Queries.RunQuestion]. Errors: forbidden when they may not explore
// the source, or may not write SQL for it in this session; not_found for a model
// that they don't see; invalid_request when the question is none; else as
// [Queries.RunQuestion].
func (q *Queries) RunUnsaved(ctx context.Context, p oriel.Principal, settings map[string]any, parameters map[string]json.RawMessage) (oriel.Question, oriel.Result, error) {
	s := snapshot{q.declared()}
	question, err := q.unsaved(s, p, settings)
	if err != nil {
		return oriel.Question{}, oriel.Result{}, err
	}
	return q.runWith(ctx, s, p, question, parameters)
}

// DownloadUnsaved is [Queries.Download] of a question that the principal wrote.
// Errors: as [Queries.RunUnsaved] and [Queries.Download].
func (q *Queries) DownloadUnsaved(ctx context.Context, p oriel.Principal, settings map[string]any, parameters map[string]json.RawMessage, rows Rows) error {
	s := snapshot{q.declared()}
	question, err := q.unsaved(s, p, settings)
	if err != nil {
		return err
	}
	return q.download(ctx, s, p, question, parameters, rows)
}

// unsaved reads a question that the principal wrote, and may ask. What they
// don't see is told of like what is not there.
func (q *Queries) unsaved(s snapshot, p oriel.Principal, settings map[string]any) (oriel.Question, error) {
	if err := q.MayAsk(p); err != nil {
		return oriel.Question{}, err
	}
	seen := &oriel.Declaration{}
	if _, isSQL := settings["sql"]; isSQL {
		key, _ := settings["source"].(string)
		if key != "" {
			if err := access.WriteSQL(p, s.Declaration, key); err != nil {
				return oriel.Question{}, err
			}
			src, err := q.seenSource(s, p, key)
			if err != nil {
				return oriel.Question{}, err
			}
			seen.Sources = []oriel.Source{src}
		}
	} else {
		models := q.models(s, p)
		tree, _ := settings["structured"].(map[string]any)
		if key, is := tree["model"].(string); is {
			if _, err := find(models, key); err != nil {
				return oriel.Question{}, err
			}
		}
		seen.Models = modelsOf(models)
	}
	question, err := q.readQuestion(settings, seen)
	if err != nil {
		return oriel.Question{}, &oriel.Error{
			Code: oriel.CodeInvalidRequest, Message: "The question is not as the API describes it.", Fields: map[string]string{"question": err.Error()},
		}
	}
	if err := mayAsk(p, s.Declaration, question); err != nil {
		return oriel.Question{}, err
	}
	// Of the columns that its parameters filter by, the types are those of what is
	// seen.
	seen.Questions = []oriel.Question{question}
	question, _ = seen.Question(question.Key)
	return question, nil
}

// mayAsk is the grant that a question of the principal's own needs on its
// source (access §2).
func mayAsk(p oriel.Principal, d *oriel.Declaration, question oriel.Question) error {
	if question.Structured == nil {
		return access.WriteSQL(p, d, question.Source)
	}
	return access.ExploreSource(p, d.Groups, question.Source)
}

// seenSource is a source with the tables and columns that the principal sees.
func (q *Queries) seenSource(s snapshot, p oriel.Principal, key string) (oriel.Source, error) {
	src, _ := s.Source(key)
	names := make([]string, len(src.Tables))
	for i, table := range src.Tables {
		names[i] = table.Name
	}
	decisions, err := q.policies.of(s.Declaration).Decide(p, key, names)
	if err != nil {
		return oriel.Source{}, fmt.Errorf("decide what is seen of %q: %w", key, err)
	}
	seen := oriel.Source{Key: src.Key, Kind: src.Kind}
	for _, table := range src.Tables {
		decision, found := decisions.Tables[table.Name]
		if !found {
			continue
		}
		columns := make([]oriel.SourceColumn, len(decision.Columns))
		for i, c := range decision.Columns {
			columns[i] = c.SourceColumn
		}
		seen.Tables = append(seen.Tables, oriel.SourceTable{Name: table.Name, Columns: columns})
	}
	return seen, nil
}

// readable tells whether each column that a tree reads or follows is one of the
// models.
func readable(tree oriel.Structured, models []SeenModel) bool {
	own, err := find(models, tree.Model)
	if err != nil {
		return false
	}
	seen := snapshot{&oriel.Declaration{Models: modelsOf(models)}}
	steps := seen.follow(own.Model, tree.Joins)
	if slices.ContainsFunc(steps, func(st step) bool { return st.key == "" }) {
		return false
	}
	return !slices.ContainsFunc(tree.ReadColumns(), func(name string) bool {
		of := own
		if st, column, joined := stepOf(steps, name); joined {
			of, _ = find(models, st.to.Key)
			name = column
		}
		return !of.sees(name)
	})
}

func modelsOf(models []SeenModel) []oriel.Model {
	all := make([]oriel.Model, len(models))
	for i, m := range models {
		all[i] = m.Model
	}
	return all
}
