package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/doctor"
	"github.com/oriel-bi/oriel/internal/fetch"
	"github.com/oriel-bi/oriel/internal/signin/jwt"
)

type doctorCommand struct {
	config.ServeFlags
	outputFlag
	FromOrigin string   `help:"The origin of the page that embeds. Default: the first that is authorized." placeholder:"ORIGIN"`
	Provider   string   `help:"One provider alone. Default: each that is on." placeholder:"SLUG"`
	Header     []string `sep:"none" help:"A header to send to the host, as the browser of a signed-in user does: 'Cookie: session=…'. Repeatable; never printed." placeholder:"HEADER"`
}

// doctorReport is the answer of doctor.
type doctorReport struct {
	Findings int            `json:"findings"`
	Checks   []doctor.Check `json:"checks"`
}

// Run looks, and ends with code 3 when there is something to do.
func (c doctorCommand) Run(ctx context.Context, p process) error {
	header, err := parseHeaders(c.Header)
	if err != nil {
		return usage{err}
	}
	loaded, err := load(c.ServeFlags, p)
	if err != nil {
		return err
	}
	report, err := c.examine(ctx, p, loaded, header)
	if err != nil {
		return err
	}
	answer := doctorReport{Findings: report.Findings(), Checks: report.Checks}
	if err := c.print(p, answer, answer.lines()...); err != nil {
		return err
	}
	switch answer.Findings {
	case 0:
		return nil
	case 1:
		return findings{errors.New("1 finding; what to do stands below it")}
	}
	return findings{fmt.Errorf("%d findings; what to do stands below each", answer.Findings)}
}

// examine looks at the store too, without which there is nothing else to see.
func (c doctorCommand) examine(ctx context.Context, p process, loaded config.Config, header http.Header) (report doctor.Report, err error) {
	kept, err := openQuietly(ctx, loaded, p)
	if err != nil {
		return doctor.Report{Checks: []doctor.Check{{
			About: "oriel", Name: "store", Status: doctor.Finding, Expected: "to be opened", Received: sentence(err),
			Fix: "Run oriel doctor as the user that the server runs as, with its configuration.",
		}}}, nil
	}
	defer func() { err = errors.Join(err, kept.Close()) }()
	fetcher := fetch.New(fetch.Options{AllowPrivate: loaded.FetchPrivateAddresses, DevMode: loaded.Dev})
	return doctor.New(doctor.Options{
		SiteURL: loaded.SiteURL, Version: version, Embedding: loaded.Embedding, Interactive: loaded.InteractiveEmbedding,
		DevMode: loaded.Dev, TrustsProxies: len(loaded.TrustedProxies) > 0,
		Store: kept, Verifier: newVerifier(loaded, p),
		CountPublished: func(ctx context.Context, url string) (int, error) {
			document, err := fetcher.Get(ctx, url)
			if err != nil {
				return 0, err
			}
			set, err := jwt.ParseSet(document.Body)
			return set.Len(), err
		},
		Clock: p.clock, Random: p.random,
	}).Examine(ctx, doctor.Request{FromOrigin: c.FromOrigin, Provider: c.Provider, Header: header})
}

// parseHeaders reads "Name: value". An error shows neither: it is a session.
func parseHeaders(lines []string) (http.Header, error) {
	header := http.Header{}
	for i, line := range lines {
		name, value, found := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		if !found || !isFieldName(name) || strings.ContainsFunc(value, unicode.IsControl) {
			return nil, fmt.Errorf("--header number %d is not a header: write it as 'Cookie: session=…'", i+1)
		}
		header.Add(name, value)
	}
	return header, nil
}

// isFieldName tells whether a name is a token (RFC 9110 §5.6.2).
func isFieldName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(c rune) bool {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		return !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", c)
	})
}

// lines are the checks in columns, and below each finding what to do.
func (r doctorReport) lines() [][]string {
	var lines [][]string
	about := ""
	for _, check := range r.Checks {
		if check.About != about {
			about = check.About
			lines = append(lines, []string{strings.ToUpper(about[:1]) + about[1:]})
		}
		said := check.Received
		if check.Status == doctor.Finding {
			said = "expected " + check.Expected + "; got " + check.Received
		}
		lines = append(lines, []string{"  " + string(check.Status), check.Name, cell(said)})
		if check.Fix != "" {
			lines = append(lines, []string{"", "", "→ " + cell(check.Fix)})
		}
	}
	return lines
}
