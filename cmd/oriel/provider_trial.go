package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin"
	"github.com/oriel-bi/oriel/internal/store"
)

// trialEvery is how often the store is asked whether an answer came.
const trialEvery = 300 * time.Millisecond

type providerTrialCommand struct {
	config.StoreFlags
	outputFlag
	Slug string        `arg:"" help:"Which provider."`
	Wait time.Duration `help:"How long to wait for the answer." default:"10m"`
}

// wireTrial is a test sign-in as the command prints it.
type wireTrial struct {
	URL         string             `json:"url"`
	State       string             `json:"state"`
	Code        string             `json:"code,omitempty"`
	Fix         string             `json:"fix,omitempty"`
	ClockSkewMS int64              `json:"clock_skew_ms"`
	Checks      []oriel.Check      `json:"checks"`
	Identity    *wireTrialIdentity `json:"identity,omitempty"`
}

type wireTrialIdentity struct {
	Subject    string           `json:"subject"`
	Email      string           `json:"email"`
	FirstName  string           `json:"first_name,omitempty"`
	LastName   string           `json:"last_name,omitempty"`
	Tenant     string           `json:"tenant,omitempty"`
	Session    string           `json:"session,omitempty"`
	Groups     []string         `json:"groups"`
	OurGroups  []oriel.GroupKey `json:"our_groups"`
	NewUser    bool             `json:"new_user"`
	Attributes oriel.Attributes `json:"attributes"`
	Dropped    []string         `json:"dropped"`
}

// Run prints the link, waits until somebody has signed in by it, and tells what
// came. A refused one is a finding.
func (c providerTrialCommand) Run(ctx context.Context, p process) error {
	return withStore(ctx, c.StoreFlags, p, func(loaded config.Config, kept *store.Store) error {
		provider, err := findProvider(kept, c.Slug)
		if err != nil {
			return err
		}
		begun, err := directory.NewTrial(p.random, provider, loaded.SiteURL, p.clock())
		if err != nil {
			return usage{errors.New(oriel.MessageOf(err))}
		}
		if err := kept.BeginSAMLTrial(ctx, begun.Trial); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(p.stderr, "Open this in a browser, and sign in at the identity provider. It signs nobody in here, and works while the provider is off:\n\n  %s\n\n", begun.Link); err != nil {
			return err
		}
		trial, err := c.await(ctx, kept, begun.Trial.ID)
		if err != nil {
			return err
		}
		one := wireTrialOf(trial, begun.Link)
		if err := c.print(p, one, one.lines()...); err != nil {
			return err
		}
		if one.Code != "" {
			return findings{errors.New("the test sign-in was refused; what to do stands below it")}
		}
		return nil
	})
}

func (c providerTrialCommand) await(ctx context.Context, kept *store.Store, id string) (oriel.SAMLTrial, error) {
	over := time.NewTimer(c.Wait)
	defer over.Stop()
	again := time.NewTicker(trialEvery)
	defer again.Stop()
	for {
		trial, found, err := kept.FindSAMLTrial(ctx, id)
		if err != nil {
			return trial, err
		}
		if !found {
			return trial, errors.New("the test sign-in is gone: begin another")
		}
		if trial.Done {
			return trial, nil
		}
		select {
		case <-ctx.Done():
			return trial, ctx.Err()
		case <-over.C:
			return trial, fmt.Errorf("nobody signed in by the link within %s", c.Wait)
		case <-again.C:
		}
	}
}

func wireTrialOf(t oriel.SAMLTrial, link string) wireTrial {
	w := wireTrial{URL: link, State: "accepted", ClockSkewMS: t.ClockSkew.Milliseconds(), Checks: append([]oriel.Check{}, t.Checks...)}
	if t.Outcome != "" {
		w.State, w.Code, w.Fix = "refused", string(t.Outcome), signin.Fix(t.Outcome)
	}
	if i := t.Identity; i != nil {
		w.Identity = &wireTrialIdentity{
			Subject: i.Subject, Email: i.Email, Session: i.HostSID, NewUser: t.NewUser, Attributes: i.Attributes,
			Groups: append([]string{}, i.Groups...), OurGroups: append([]oriel.GroupKey{}, t.Groups...), Dropped: append([]string{}, i.Dropped...),
		}
		if i.FirstName != nil {
			w.Identity.FirstName = *i.FirstName
		}
		if i.LastName != nil {
			w.Identity.LastName = *i.LastName
		}
		if i.Tenant != nil {
			w.Identity.Tenant = string(*i.Tenant)
		}
	}
	return w
}

// lines tell whether it would sign in, who came with what, and each check.
func (w wireTrial) lines() [][]string {
	var lines [][]string
	add := func(name, value string) {
		if value != "" {
			lines = append(lines, []string{name, cell(value)})
		}
	}
	add("outcome", strings.TrimSpace(w.State+" "+w.Code))
	if i := w.Identity; i != nil {
		add("subject", i.Subject)
		add("e-mail", i.Email)
		add("name", strings.TrimSpace(i.FirstName+" "+i.LastName))
		add("tenant", i.Tenant)
		add("session", i.Session)
		add("groups that came", strings.Join(i.Groups, ", "))
		add("groups here", joined(i.OurGroups))
		if i.NewUser {
			add("user", "would be made")
		}
		for _, name := range slices.Sorted(maps.Keys(i.Attributes)) {
			add("attribute "+name, strings.Join(i.Attributes[name].Values, ", "))
		}
		add("dropped", strings.Join(i.Dropped, ", "))
	}
	if w.ClockSkewMS != 0 {
		add("its clock", fmt.Sprintf("%+.1f s against ours", float64(w.ClockSkewMS)/1000))
	}
	lines = append(lines, checkLines(w.Checks)...)
	if w.Fix != "" {
		lines = append(lines, []string{""}, []string{w.Fix})
	}
	return lines
}
