package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin"
	"github.com/oriel-bi/oriel/internal/signin/jwt"
	"github.com/oriel-bi/oriel/internal/store"
)

type tokenCommand struct {
	Inspect tokenInspectCommand `cmd:"" help:"Print what a token says, without verifying it."`
	Explain tokenExplainCommand `cmd:"" help:"Verify a token as a sign-in would, and say why it would be refused. The token stays unused."`
}

// tokenFlag is where the token comes from. On a command line other users of
// the machine can read it, so standard input is the default.
type tokenFlag struct {
	Token string `arg:"" optional:"" help:"The token; from standard input when it is left out or -."`
}

func (f tokenFlag) read(p process) (string, error) {
	token := f.Token
	if token == "" || token == "-" {
		// One byte too many is enough for the gate to refuse it.
		text, err := io.ReadAll(io.LimitReader(p.stdin, 2*jwt.MaxToken))
		if err != nil {
			return "", fmt.Errorf("read the token: %w", err)
		}
		token = string(text)
	}
	if token = strings.TrimSpace(token); token == "" {
		return "", usage{errors.New("there is no token: give it on standard input")}
	}
	return token, nil
}

type tokenInspectCommand struct {
	outputFlag
	tokenFlag
}

// Run prints header and claims of a token that passes the gate.
func (c tokenInspectCommand) Run(p process) error {
	token, err := c.read(p)
	if err != nil {
		return err
	}
	if _, _, err := jwt.Hints(token); err != nil {
		return fmt.Errorf("the token is refused before it is verified: %w", err)
	}
	parts := strings.Split(token, ".")
	header, err := part(parts[0])
	if err != nil {
		return err
	}
	claims, err := part(parts[1])
	if err != nil {
		return err
	}
	if c.Output == "json" {
		text, err := json.Marshal(map[string]any{"verified": false, "header": header, "claims": claims})
		if err != nil {
			return fmt.Errorf("print the token: %w", err)
		}
		_, err = fmt.Fprintln(p.stdout, printable(string(text)))
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "NOT VERIFIED: anybody could have written this. To verify it: oriel token explain\nheader %s\nclaims %s\n",
		indented(header), indented(claims))
	return err
}

// part decodes a part that the gate let through, as it was written: its order
// and its numbers tell something too.
func part(text string) (json.RawMessage, error) {
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, errors.New("a part of the token is not base64url")
	}
	return decoded, nil
}

func indented(text json.RawMessage) string {
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		return printable(string(text))
	}
	return printable(out.String())
}

// cell is foreign text in one cell of a table.
func cell(text string) string { return strings.ReplaceAll(printable(text), "\n", `\u000a`) }

// printable writes what a terminal would obey or hide as JSON escapes; nothing
// outside texts is affected.
func printable(text string) string {
	var out strings.Builder
	for _, c := range text {
		switch {
		case c == '\n' || unicode.IsPrint(c):
			out.WriteRune(c)
		case c > 0xffff:
			high, low := utf16.EncodeRune(c)
			fmt.Fprintf(&out, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&out, `\u%04x`, c)
		}
	}
	return out.String()
}

type tokenExplainCommand struct {
	config.StoreFlags
	outputFlag
	tokenFlag
	Provider string `help:"The provider that it is for; without it the token decides, as at a sign-in." placeholder:"SLUG"`
}

// explanation is what verifying a token showed.
type explanation struct {
	Accepted bool          `json:"accepted"`
	Code     oriel.Code    `json:"code,omitempty"`
	Fix      string        `json:"fix,omitempty"`
	Provider string        `json:"provider,omitempty"`
	Checks   []oriel.Check `json:"checks"`
	// IssuedBefore is in seconds: the token's age, and what the clocks differ by.
	IssuedBefore float64 `json:"issued_seconds_ago,omitempty"`
	// NotChecked is what only a sign-in can tell.
	NotChecked []string `json:"not_checked"`
}

// Run verifies the token now and ends with code 3 when it would be refused.
func (c tokenExplainCommand) Run(ctx context.Context, p process) error {
	token, err := c.read(p)
	if err != nil {
		return err
	}
	return withStore(ctx, c.StoreFlags, p, func(loaded config.Config, kept *store.Store) error {
		people := directory.New(directory.Options{Declared: kept.Declared, Clock: p.clock, Random: p.random})
		e, refused := explain(ctx, token, c.Provider, people, newVerifier(loaded, p), p.clock())
		if err := c.print(p, e, e.lines()...); err != nil {
			return err
		}
		if refused != nil {
			return findings{fmt.Errorf("the token would be refused with %s. %s", e.Code, e.Fix)}
		}
		return nil
	})
}

// explain goes the way of a sign-in, up to where one would write something.
func explain(ctx context.Context, token, slug string, people *directory.Directory, verifier *jwt.Verifier, now time.Time) (explanation, error) {
	e := explanation{Checks: []oriel.Check{}, NotChecked: []string{"origin", "replay", "age", "tenant", "account", "groups"}}
	provider, err := chooseProvider(token, slug, people)
	e.Provider = provider.Slug
	if err != nil {
		name, expected := "provider", "on, with a key and a sign-in URI"
		switch oriel.CodeOf(err) {
		case oriel.CodeTokenMalformed, oriel.CodeAlgorithmNotAllowed:
			name, expected = "format", "a signed JSON Web Token"
		case oriel.CodeProviderAmbiguous:
			expected = "one that the token names"
		}
		e.Checks = append(e.Checks, oriel.Check{Name: name, Outcome: oriel.CheckFailed, Expected: expected, Received: reason(err)})
		return e.refuse(err), err
	}
	e.Checks = append(e.Checks, oriel.Check{Name: "provider", Outcome: oriel.CheckPassed, Received: provider.Slug})
	_, evidence, err := verifier.Verify(ctx, token, provider, now)
	e.Checks = append(e.Checks, evidence.Checks...)
	e.IssuedBefore = -evidence.ClockSkew.Seconds()
	if err != nil {
		return e.refuse(err), err
	}
	e.Accepted = true
	return e, nil
}

func chooseProvider(token, slug string, people *directory.Directory) (oriel.Provider, error) {
	if slug != "" {
		return people.FindProvider(oriel.MethodJWT, slug)
	}
	if len(people.ConfiguredProviders(oriel.MethodJWT)) == 0 {
		return oriel.Provider{}, &oriel.Error{Code: oriel.CodeSSONotConfigured}
	}
	kid, issuer, err := jwt.Hints(token)
	if err != nil {
		return oriel.Provider{}, err
	}
	return people.ChooseProvider(kid, issuer)
}

func (e explanation) refuse(err error) explanation {
	e.Code = oriel.CodeOf(err)
	e.Fix = signin.Fix(e.Code)
	if e.Code == oriel.CodeClaimMissing {
		e.Fix = oriel.MessageOf(err) + " " + e.Fix
	}
	return e
}

// reason is the cause that an error has beside its code.
func reason(err error) string {
	var coded *oriel.Error
	if errors.As(err, &coded) && coded.Err != nil {
		return coded.Err.Error()
	}
	return ""
}

func (e explanation) lines() [][]string {
	lines := checkLines(e.Checks)
	if e.IssuedBefore != 0 {
		lines = append(lines, []string{fmt.Sprintf("Issued %.0f s ago by this machine's clock.", e.IssuedBefore)})
	}
	if e.Accepted {
		lines = append(lines, []string{"The token is good, and was not used. Only a sign-in can check: " + strings.Join(e.NotChecked, ", ") + "."})
	}
	return lines
}
