package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin"
	"github.com/oriel-bi/oriel/internal/store"
)

type signInCommand struct {
	List signInListCommand `cmd:"" help:"List attempts to sign in, newest first."`
	Show signInShowCommand `cmd:"" help:"Say why an attempt was refused, check by check, and what to do."`
}

// wireSignIn is the record of an attempt as the commands print it.
type wireSignIn struct {
	Reference   string        `json:"reference"`
	At          time.Time     `json:"at"`
	Provider    string        `json:"provider"`
	Method      string        `json:"method"`
	Origin      string        `json:"origin"`
	ClientIP    string        `json:"client_ip"`
	User        oriel.UserID  `json:"user"`
	Outcome     string        `json:"outcome"`
	Fix         string        `json:"fix,omitempty"`
	Attempts    int           `json:"attempts"`
	Checks      []oriel.Check `json:"checks"`
	ClockSkewMS int64         `json:"clock_skew_ms"`
	Dropped     []string      `json:"dropped"`
}

func wireSignInOf(r oriel.SignInRecord) wireSignIn {
	w := wireSignIn{
		Reference: r.Reference, At: r.At, Provider: r.Provider, Method: r.Method, Origin: r.Origin, ClientIP: r.ClientIP,
		User: r.User, Outcome: string(r.Outcome), Attempts: max(r.Attempts, 1), Checks: append([]oriel.Check{}, r.Checks...),
		ClockSkewMS: r.ClockSkew.Milliseconds(), Dropped: append([]string{}, r.Dropped...),
	}
	if r.Outcome == "" {
		w.Outcome = oriel.OutcomeAccepted
	} else {
		w.Fix = signin.Fix(r.Outcome)
	}
	return w
}

type signInListCommand struct {
	config.StoreFlags
	outputFlag
	Provider string `help:"At one provider alone." placeholder:"SLUG"`
	User     string `help:"Of one user alone: the e-mail address or the id." placeholder:"USER"`
	Outcome  string `help:"accepted, refused, or a code such as token_expired." placeholder:"OUTCOME"`
	Limit    int    `help:"The most to list." default:"50" placeholder:"NUMBER"`
}

// Run lists the newest attempts.
func (c signInListCommand) Run(ctx context.Context, p process) error {
	if c.Limit < 1 {
		return usage{errors.New("--limit must be at least 1")}
	}
	if c.Outcome != "" && !oriel.IsOutcome(c.Outcome) {
		return usage{fmt.Errorf("--outcome is accepted, refused, or a code such as token_expired, not %s", oriel.Quoted(c.Outcome))}
	}
	return withStore(ctx, c.StoreFlags, p, func(_ config.Config, kept *store.Store) error {
		filter := oriel.SignInFilter{Provider: c.Provider, Outcome: c.Outcome}
		if c.User != "" {
			u, err := findUser(ctx, kept, c.User)
			if err != nil {
				return err
			}
			filter.User = u.ID
		}
		records, err := kept.ListSignIns(ctx, filter, c.Limit)
		if err != nil {
			return err
		}
		all := []wireSignIn{}
		lines := [][]string{{"REFERENCE", "AT", "PROVIDER", "OUTCOME", "USER", "ORIGIN", "ATTEMPTS"}}
		for _, r := range records {
			one := wireSignInOf(r)
			all = append(all, one)
			lines = append(lines, []string{
				one.Reference, one.At.Format(time.RFC3339), one.Provider, one.Outcome, string(one.User),
				cell(one.Origin), fmt.Sprint(one.Attempts),
			})
		}
		return c.print(p, map[string]any{"sign_ins": all}, lines...)
	})
}

type signInShowCommand struct {
	config.StoreFlags
	outputFlag
	Reference string `arg:"" help:"The reference that stands on the page, in the answer and in the log (XK7-4QF)."`
}

// Run shows the newest attempt with the reference.
func (c signInShowCommand) Run(ctx context.Context, p process) error {
	return withStore(ctx, c.StoreFlags, p, func(_ config.Config, kept *store.Store) error {
		reference := strings.ToUpper(strings.TrimSpace(c.Reference))
		records, err := kept.ListSignIns(ctx, oriel.SignInFilter{Reference: reference}, 1)
		if err != nil {
			return err
		}
		if reference == "" || len(records) == 0 {
			return oriel.E(oriel.CodeNotFound, "there is no record %s: it is older than records are kept, or the reference is of a request that was no sign-in, and stands in the log", oriel.Quoted(c.Reference))
		}
		one := wireSignInOf(records[0])
		return c.print(p, one, one.lines()...)
	})
}

// lines tell what happened, then each check, then what to do.
func (w wireSignIn) lines() [][]string {
	var lines [][]string
	add := func(name, value string) {
		if value != "" {
			lines = append(lines, []string{name, cell(value)})
		}
	}
	add("reference", w.Reference)
	add("at", w.At.Format(time.RFC3339))
	add("outcome", w.Outcome)
	add("provider", w.Provider)
	add("origin", w.Origin)
	add("client", w.ClientIP)
	add("user", string(w.User))
	if w.Attempts > 1 {
		add("attempts", fmt.Sprint(w.Attempts))
	}
	if w.ClockSkewMS != 0 {
		whose, by := "host's clock", "the token's iat"
		if w.Method == string(oriel.MethodSAML) {
			whose, by = "identity provider's clock", "the answer's IssueInstant"
		}
		add(whose, fmt.Sprintf("%+.1f s against ours, by %s", float64(w.ClockSkewMS)/1000, by))
	}
	add("dropped claims", strings.Join(w.Dropped, ", "))
	lines = append(lines, checkLines(w.Checks)...)
	if w.Fix != "" {
		lines = append(lines, []string{w.Fix})
	}
	return lines
}

// checkLines are checks in columns.
func checkLines(checks []oriel.Check) [][]string {
	lines := [][]string{{"CHECK", "OUTCOME", "EXPECTED", "RECEIVED"}}
	for _, check := range checks {
		lines = append(lines, []string{check.Name, string(check.Outcome), cell(check.Expected), cell(check.Received)})
	}
	return lines
}
