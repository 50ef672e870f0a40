package query

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// Rows takes a download in parts. Calls never overlap; an error from one ends
// the query.
type Rows struct {
	// Most is how many rows the taker has room for; 0 for as many as there are.
	Most int
	// Begin comes first, when the question may be downloaded and its query has
	// begun to answer, with the most rows that can follow.
	Begin func(question oriel.Question, limit int) error
	// Part comes once at least; the last tells whether there are more rows. Its
	// integers are as [source.Engine.Stream] gives them.
	Part func(part oriel.Result) error
}

// MayDownload tells whether the principal may take any rows away: it is for who
// shows a button. [Queries.Download] decides by itself.
func (q *Queries) MayDownload(p oriel.Principal) bool {
	_, err := access.DownloadRows(p, q.declared().Groups)
	return err == nil
}

// Download runs a question and gives all its rows as they come, at most as many
// as the principal may take away. Nothing of it is kept. Errors: as
// [Queries.RunQuestion], without too_large; forbidden when no group of the
// principal may download; also after the first part.
func (q *Queries) Download(ctx context.Context, p oriel.Principal, key string, parameters map[string]json.RawMessage, rows Rows) error {
	s := snapshot{q.declared()}
	question, err := q.question(s, p, key)
	if err != nil {
		return err
	}
	return q.download(ctx, s, p, question, parameters, rows)
}

// download is the one way in which a question's rows leave as a file.
func (q *Queries) download(ctx context.Context, s snapshot, p oriel.Principal, question oriel.Question, parameters map[string]json.RawMessage, rows Rows) error {
	limit, err := access.DownloadRows(p, s.Groups)
	if err != nil {
		return err
	}
	limit = min(limit, q.downloadRows)
	if src, _ := s.Source(question.Source); src.Limits.DownloadRows > 0 {
		limit = min(limit, src.Limits.DownloadRows)
	}
	if rows.Most > 0 {
		limit = min(limit, rows.Most)
	}
	values, err := parseParameters(question.Parameters, parameters)
	if err != nil {
		return s.forEditors(p, question, origin{}, shown(err))
	}
	asked, err := s.ask(question, values, limit)
	if err != nil {
		return s.forEditors(p, question, origin{}, shown(err))
	}
	begun := false
	err = q.stream(ctx, s, p, asked, func(part oriel.Result) error {
		if !begun {
			begun = true
			if err := rows.Begin(question, limit); err != nil {
				return err
			}
		}
		return rows.Part(part)
	})
	if err != nil {
		return s.forEditors(p, question, asked.origin, fmt.Errorf("download %s: %w", called(question), err))
	}
	return nil
}

// stream gives the rows of an ask in parts, each made for this request alone.
func (q *Queries) stream(ctx context.Context, s snapshot, p oriel.Principal, a ask, take func(part oriel.Result) error) error {
	prepared, err := q.prepare(ctx, s, p, a)
	if err != nil {
		return err
	}
	done, err := q.quotas.begin(ctx, s, p)
	if err != nil {
		return err
	}
	defer done()
	narrowed, err := prepared.engine.Narrow(ctx, prepared.query, prepared.decisions)
	if err != nil {
		return shown(err)
	}
	return shown(prepared.engine.Stream(ctx, narrowed, take))
}
