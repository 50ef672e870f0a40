package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/saml"
)

const (
	samlIdP      = "https://idp.example.com/saml"
	samlAudience = "https://bi.example.com/auth/saml/corp/metadata"
	samlACS      = "https://bi.example.com/auth/saml/corp/acs"
	samlRequest  = "_a-request-of-ours"

	// samlEach is how many responses a round verifies.
	samlEach = 150
)

// samlVerification prints what it takes to verify a response, beside others that
// verify the same bytes. Its own side does every check that a sign-in does before
// the store.
func samlVerification(ctx context.Context, r report, _, _ string) error {
	folder, err := os.MkdirTemp("", "oriel-bench-saml-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	for _, shape := range []string{"assertion", "response", "both"} {
		if err := samlShape(ctx, r, folder, shape); err != nil {
			return err
		}
	}
	return samlRefusals(r)
}

func samlShape(ctx context.Context, r report, folder, shape string) (err error) {
	if _, err := output(ctx, []string{"BENCH_FOLDER=" + folder, "BENCH_SHAPE=" + shape}, "node", filepath.Join("benchmarks", "peers", "saml-response.mjs")); err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	environment := []string{
		"NODE_ENV=production", "BENCH_FOLDER=" + folder, "BENCH_IDP=" + samlIdP, "BENCH_AUDIENCE=" + samlAudience, "BENCH_ACS=" + samlACS,
	}
	var sides []side
	defer func() {
		for _, s := range sides {
			err = errors.Join(err, s.process.stop())
		}
	}()
	for _, one := range []struct {
		name    string
		command []string
	}{
		{"oriel", []string{program, "-child", "saml"}},
		{"goxmldsig", []string{program, "-child", "goxmldsig"}},
		{"node-saml", []string{"node", filepath.Join("benchmarks", "peers", "saml.js")}},
		{"libxmlsec", []string{filepath.Join(".build", "saml-xmlsec"), folder}},
	} {
		process, err := startChild(ctx, environment, one.command[0], one.command[1:]...)
		if err != nil {
			return err
		}
		sides = append(sides, repeating(one.name, process))
	}
	measured, err := interleave(ctx, sides, 1, rounds, func() ([]string, error) { return make([]string, samlEach), nil })
	if err != nil {
		return err
	}
	r.title("a SAML response of samlp, signed: %s", shape)
	r.line("%-10s %26s %26s", "", "CPU for each, µs", "for each second of CPU")
	for _, s := range sides {
		took := measured.of(s.name, cpuOf)
		r.line("%-10s %26s %26.0f", s.name, took, 1e6/took.median)
	}
	r.target("oriel's CPU beside goxmldsig's own verification", measured.ratio("oriel", "goxmldsig", cpuOf), " ×", 1.5)
	r.target("oriel's CPU beside node-saml's", measured.ratio("oriel", "node-saml", cpuOf), " ×", 1.0/20)
	r.line("%-52s %s", "oriel's CPU beside libxmlsec's", times(measured.ratio("oriel", "libxmlsec", cpuOf)))
	return nil
}

func times(s spread) string {
	return fmt.Sprintf("%.3g × (%.3g to %.3g)", s.median, s.least, s.greatest)
}

// repeating is a side that does a thing so many times when it is told how often,
// and answers when it is done.
func repeating(name string, process *child) side {
	return side{name: name, process: process, run: func(_ context.Context, work []string, _ int) ([]time.Duration, error) {
		began := time.Now()
		if err := process.say(strconv.Itoa(len(work))); err != nil {
			return nil, err
		}
		line, err := process.line()
		if err != nil {
			return nil, err
		}
		if line != "ok" {
			return nil, fmt.Errorf("it says %s", line)
		}
		return []time.Duration{time.Since(began) / time.Duration(len(work))}, nil
	}}
}

// given is the response that all sides verify.
type given struct {
	field, certificate string
}

func readGiven() (given, error) {
	folder := os.Getenv("BENCH_FOLDER")
	field, err := os.ReadFile(filepath.Join(folder, "response.txt"))
	if err != nil {
		return given{}, err
	}
	certificate, err := os.ReadFile(filepath.Join(folder, "certificate.pem"))
	return given{field: string(field), certificate: string(certificate)}, err
}

// repeat does a thing as often as each line says.
func repeat(in io.Reader, out io.Writer, do func() error) error {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		n, err := strconv.Atoi(strings.TrimSpace(lines.Text()))
		if err != nil {
			return err
		}
		for range n {
			if err := do(); err != nil {
				return err
			}
		}
		fmt.Fprintln(out, "ok")
	}
	return lines.Err()
}

// serveSAML is our own side, with every check.
func serveSAML(_ context.Context, in io.Reader, out io.Writer) error {
	g, err := readGiven()
	if err != nil {
		return err
	}
	p := samlProvider(g.certificate)
	ask := saml.Ask{ACS: samlACS, Audience: samlAudience, RequestID: samlRequest}
	return repeat(in, out, func() error {
		identity, _, err := saml.Verify(g.field, p, ask, time.Now())
		if err == nil && identity.Email != "dana@example.com" {
			err = errors.New("it vouches for " + identity.Email)
		}
		return err
	})
}

func samlProvider(certificate string) oriel.Provider {
	return oriel.Provider{
		ID: "prv_corp", Slug: "corp", Method: oriel.MethodSAML, Enabled: true, Issuer: samlIdP, Claims: oriel.DefaultClaimNames(),
		Keys: []oriel.ProviderKey{{ID: "key-1", Kind: oriel.KeyX509, Public: []byte(certificate), Serial: 1}},
	}
}

// serveDsig is the library's own verification of the same bytes, and nothing else:
// it reads the document and verifies each signature that it has.
func serveDsig(_ context.Context, in io.Reader, out io.Writer) error {
	g, err := readGiven()
	if err != nil {
		return err
	}
	certificate, err := saml.ParseCertificate([]byte(g.certificate))
	if err != nil {
		return err
	}
	roots := &dsig.MemoryX509CertificateStore{}
	roots.Roots = append(roots.Roots, certificate)
	return repeat(in, out, func() error {
		text, err := base64.StdEncoding.DecodeString(g.field)
		if err != nil {
			return err
		}
		document := etree.NewDocument()
		if err := document.ReadFromBytes(text); err != nil {
			return err
		}
		verified := 0
		for _, e := range append([]*etree.Element{document.Root()}, document.Root().FindElements("./Assertion")...) {
			if e.FindElement("./Signature") == nil {
				continue
			}
			if _, err := dsig.NewDefaultValidationContext(roots).Validate(e); err != nil {
				return err
			}
			verified++
		}
		if verified == 0 {
			return errors.New("nothing was signed")
		}
		return nil
	})
}

// samlRefusals prints the CPU that the corpus of attacks takes, case by case: the
// slowest of them.
func samlRefusals(r report) error {
	const corpus = "tests/vectors/saml"
	text, err := readPacked(filepath.Join(corpus, "corpus.json.gz"))
	if err != nil {
		return err
	}
	var kept struct {
		At    time.Time
		Cases []struct {
			Name, Code string
			Document   []byte
		}
	}
	if err := json.Unmarshal(text, &kept); err != nil {
		return fmt.Errorf("read the corpus: %w", err)
	}
	certificate, err := os.ReadFile(filepath.Join(corpus, "certificate.pem"))
	if err != nil {
		return err
	}
	p := samlProvider(string(certificate))
	ask := saml.Ask{ACS: samlACS, Audience: samlAudience, RequestID: samlRequest}
	slowest, name, refused := time.Duration(0), "", 0
	for _, one := range kept.Cases {
		if one.Code == "" {
			continue // its meaning is unchanged
		}
		refused++
		field := base64.StdEncoding.EncodeToString(one.Document)
		const often = 5
		before := cpuTime()
		for range often {
			if identity, _, err := saml.Verify(field, p, ask, kept.At); err == nil {
				return fmt.Errorf("%s: taken, as %s", one.Name, identity.Email)
			}
		}
		if took := (cpuTime() - before) / often; took > slowest {
			slowest, name = took, one.Name
		}
	}
	r.title("%d attacks on SAML responses, each refused", refused)
	r.target("the slowest: "+name, spreadOf([]float64{float64(slowest) / 1e6}), " ms", 50)
	return nil
}
