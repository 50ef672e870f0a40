package main

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/oriel-bi/oriel/internal/audit"
	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

type auditCommand struct {
	Tail   auditTailCommand   `cmd:"" help:"Tell the newest changes, and with --follow those that come."`
	Export auditExportCommand `cmd:"" help:"Print the whole audit as JSON, one entry a line, oldest first."`
}

// followEvery is how often a tail looks for more.
const followEvery = time.Second

// auditFlags narrow what is told.
type auditFlags struct {
	Who    string `help:"By one user, key or provider alone: its id, or operator." placeholder:"ID"`
	Action string `help:"Of one action alone, as deleted." placeholder:"ACTION"`
	Kind   string `help:"Of one kind of thing alone, as user or group." placeholder:"KIND"`
	Key    string `help:"Of one thing alone: its id, slug or key." placeholder:"KEY"`
}

func (f auditFlags) filter() oriel.AuditFilter {
	return oriel.AuditFilter{Who: f.Who, Action: f.Action, Kind: f.Kind, Key: f.Key}
}

// wireAudit is an entry as the commands print it.
type wireAudit struct {
	ID           int64        `json:"id"`
	At           time.Time    `json:"at"`
	Who          string       `json:"who"`
	Acting       string       `json:"acting,omitempty"`
	Action       string       `json:"action"`
	Kind         string       `json:"kind"`
	Key          string       `json:"key"`
	From         any          `json:"from,omitempty"`
	To           any          `json:"to,omitempty"`
	Of           oriel.UserID `json:"of,omitempty"`
	PersonalFrom any          `json:"personal_from,omitempty"`
	PersonalTo   any          `json:"personal_to,omitempty"`
}

func wireAuditOf(e oriel.AuditEntry) wireAudit {
	return wireAudit{
		ID: e.ID, At: e.At, Who: e.Who, Acting: e.Acting, Action: e.Action, Kind: e.Kind, Key: e.Key,
		From: keptValue(e.From), To: keptValue(e.To), Of: e.Of, PersonalFrom: keptValue(e.PersonalFrom), PersonalTo: keptValue(e.PersonalTo),
	}
}

// keptValue is a document as it was kept; some are plain names.
func keptValue(text string) any {
	switch {
	case text == "":
		return nil
	case json.Valid([]byte(text)):
		return json.RawMessage(text)
	}
	return text
}

type auditTailCommand struct {
	config.StoreFlags
	outputFlag
	auditFlags
	Limit  int  `help:"How many of the newest to tell." default:"20" placeholder:"NUMBER"`
	Follow bool `help:"Go on with those that come, until it is interrupted."`
}

// Run tells the newest entries, oldest of them first.
func (c auditTailCommand) Run(ctx context.Context, p process) error {
	if c.Limit < 1 {
		return usage{errors.New("--limit must be at least 1")}
	}
	return withStore(ctx, c.StoreFlags, p, func(_ config.Config, kept *store.Store) error {
		trail, filter := audit.NewTrail(kept), c.filter()
		newest, err := trail.Entries(ctx, oriel.Operator(), filter, c.Limit)
		if err != nil {
			return err
		}
		slices.Reverse(newest)
		last, err := c.tell(p, newest, 0)
		if err != nil || !c.Follow {
			return err
		}
		filter.Oldest, filter.After = true, last
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(followEvery):
			}
			more, err := trail.Entries(ctx, oriel.Operator(), filter, c.Limit)
			if err != nil {
				return untilInterrupted(ctx, err)
			}
			if filter.After, err = c.tell(p, more, filter.After); err != nil {
				return err
			}
		}
	})
}

// untilInterrupted is no error when somebody ended what would go on for ever.
func untilInterrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// tell prints entries and gives the number of the last one.
func (c auditTailCommand) tell(p process, entries []oriel.AuditEntry, last int64) (int64, error) {
	for _, e := range entries {
		last = e.ID
		who := e.Who
		if e.Acting != "" {
			who += " as " + e.Acting
		}
		line := []string{e.At.Format(time.RFC3339), cell(who), cell(e.Action), cell(e.Kind), cell(e.Key)}
		if err := c.print(p, wireAuditOf(e), line); err != nil {
			return last, err
		}
	}
	return last, nil
}

type auditExportCommand struct {
	config.StoreFlags
	auditFlags
	After int64 `help:"Go on behind the entry of this id." placeholder:"ID"`
}

// Run prints all entries as JSON lines.
func (c auditExportCommand) Run(ctx context.Context, p process) error {
	return withStore(ctx, c.StoreFlags, p, func(_ config.Config, kept *store.Store) error {
		filter := c.filter()
		filter.After = c.After
		lines := json.NewEncoder(p.stdout)
		return audit.NewTrail(kept).Export(ctx, oriel.Operator(), filter, func(e oriel.AuditEntry) error { return lines.Encode(wireAuditOf(e)) })
	})
}
