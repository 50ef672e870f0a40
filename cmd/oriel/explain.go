package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
	"github.com/oriel-bi/oriel/internal/store"
)

type explainCommand struct {
	Access explainAccessCommand `cmd:"" help:"Say why a user sees what they see of a question, dashboard or table, or why not."`
}

type explainAccessCommand struct {
	config.StoreFlags
	outputFlag
	User      string `required:"" help:"Who: the e-mail address or the id." placeholder:"USER"`
	Question  string `help:"The question." placeholder:"KEY"`
	Dashboard string `help:"The dashboard." placeholder:"KEY"`
	Table     string `help:"The table." placeholder:"SOURCE.TABLE"`
	Provider  string `help:"As in a session of this provider, not of the one through which they came last." placeholder:"SLUG"`
}

// Run explains, as the API does.
func (c explainAccessCommand) Run(ctx context.Context, p process) error {
	request := query.ExplainRequest{Question: c.Question, Dashboard: c.Dashboard}
	if c.Table != "" {
		source, table, found := strings.Cut(c.Table, ".")
		if !found {
			return usage{errors.New("--table is SOURCE.TABLE")}
		}
		request.Table = oriel.TableRef{Source: source, Table: table}
	}
	return withStore(ctx, c.StoreFlags, p, func(loaded config.Config, kept *store.Store) (err error) {
		people := directory.New(directory.Options{Declared: kept.Declared, Clock: p.clock, Random: p.random})
		if c.Provider != "" {
			if request.Provider = people.ProviderID(c.Provider); request.Provider == "" {
				return oriel.E(oriel.CodeNotFound, "there is no provider %s: see oriel provider list", oriel.Quoted(c.Provider))
			}
		}
		user, err := findUser(ctx, kept, c.User)
		if err != nil {
			return err
		}
		request.User = user.ID
		engines, err := openEngines(loaded, p)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, closeAll(engines)) }()
		queries := query.New(query.Options{Declared: kept.Declared, Engines: engines, Clock: p.clock, TimeZone: loaded.TimeZone})
		told, err := query.NewExplanations(queries, kept, p.clock).Explain(ctx, oriel.Operator(), request)
		switch oriel.CodeOf(err) {
		case "":
		case oriel.CodeInvalidRequest:
			return usage{errors.New("name exactly one of --question, --dashboard and --table")}
		case oriel.CodeNotFound:
			return oriel.E(oriel.CodeNotFound, "there is no such question, dashboard or table")
		default:
			return err
		}
		x := httpapi.ExplanationOf(told, people.ProviderSlug(told.Provider))
		return c.print(p, x, explained(x)...)
	})
}

// explained writes an explanation as lines. What a person or a host chose is
// written so that a terminal obeys nothing of it.
func explained(x httpapi.AccessExplanation) [][]string {
	var out explainedLines
	out.add("user %s, in %s", x.User, cell(strings.Join(x.Groups, ", ")))
	if x.Provider != nil {
		out.add("attributes of a sign-in through %s", cell(*x.Provider))
	}
	out.seen(string(x.Kind)+" "+x.Key, x.Visible, x.Grants, x.Missing)
	for _, q := range x.Questions {
		if string(x.Kind) != "question" {
			out.seen("question "+q.ID, q.Visible, q.Grants, q.Missing)
		}
		out.run(q.Statements, q.Examples, q.Refused)
	}
	for _, t := range x.Tables {
		out.table(t)
		out.run(t.Statements, nil, t.Refused)
	}
	return out
}

type explainedLines [][]string

func (l *explainedLines) add(format string, args ...any) {
	*l = append(*l, []string{fmt.Sprintf(format, args...)})
}

func (l *explainedLines) seen(what string, visible bool, grants []httpapi.AccessGrant, missing []string) {
	word := "is seen"
	if !visible {
		word = "is not seen"
	}
	l.add("%s %s", cell(what), word)
	for _, g := range grants {
		l.add("  group %s may %s %s %s", g.Group, g.Grant, g.Kind, g.Key)
	}
	for _, m := range missing {
		l.add("  missing: %s", cell(m))
	}
}

func (l *explainedLines) table(t httpapi.TableAccess) {
	name := "table " + t.Table
	if t.Model != "" {
		name += " in model " + t.Model
	}
	if t.Seen != nil && t.Of != nil {
		l.add("%s: %d of %d rows", cell(name), *t.Seen, *t.Of)
	} else {
		l.add("%s: its rows were not counted", cell(name))
	}
	l.add("  rows: %s", cell(t.Rows))
	for _, p := range t.Policies {
		what := p.Declared
		if what == "" {
			what = "no condition"
		}
		word := "holds"
		if !p.Holds {
			word = "does not hold, since " + strings.Join(p.ExemptBy, ", ") + " is exempt"
		}
		l.add("  policy on %s %s: %s", p.On, word, cell(what))
		for _, v := range p.Values {
			from := "from " + string(v.From)
			if v.From == "" {
				from = "from nowhere"
			}
			if v.Lacking {
				from += ", not usable: the policy lets no row through"
			}
			l.add("    %s = %s (%s)", v.Name, cell(strings.Join(v.Values, ", ")), from)
		}
	}
	for _, c := range t.Columns {
		if c.Mask != "none" {
			l.add("  column %s: %s", cell(c.Name), c.Mask)
		}
	}
	for _, m := range t.Missing {
		l.add("  missing: %s", cell(m))
	}
}

func (l *explainedLines) run(statements []httpapi.AccessStatement, examples []string, refused string) {
	if refused != "" {
		l.add("  refused: %s", cell(refused))
	}
	for _, s := range statements {
		l.add("  runs: %s", cell(s.SQL))
		for i, v := range s.Values {
			text := "(secret)"
			if v.Value != nil {
				text = cell(*v.Value)
			}
			l.add("    $%d %s %s", i+1, v.Type, text)
		}
	}
	if len(statements) > 0 && len(examples) > 0 {
		l.add("  with example values for %s", strings.Join(examples, ", "))
	}
}
