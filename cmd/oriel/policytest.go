package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/declaration"
	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
	"github.com/oriel-bi/oriel/internal/store"
)

type policyTestCommand struct {
	config.StoreFlags
	outputFlag
	Files []string `arg:"" optional:"" help:"Declaration files, read as one, with tests to run instead of those that are kept." placeholder:"FILE"`
}

// Run tries the tests that are kept on what is declared; those of files on the
// files' policies and a copy of their data.
func (c policyTestCommand) Run(ctx context.Context, p process) error {
	if len(c.Files) > 0 {
		results, err := c.ofFiles(ctx, p)
		if err != nil {
			return err
		}
		return c.report(p, results)
	}
	return withPolicies(ctx, c.StoreFlags, p, func(policies *directory.Policies) error {
		results, err := policies.RunTests(ctx, oriel.Operator())
		if err != nil {
			return err
		}
		return c.report(p, results)
	})
}

// ofFiles reads nothing that a server reads. The store is opened only for tests
// that name one of its users.
func (c policyTestCommand) ofFiles(ctx context.Context, p process) (results []oriel.PolicyTestResult, err error) {
	loaded, err := load(config.ServeFlags{StoreFlags: c.StoreFlags}, p)
	if err != nil {
		return nil, err
	}
	declared, err := declaration.Load(c.Files, declaration.Options{Env: p.lookup, Origins: origins(loaded)})
	if err != nil {
		return nil, err
	}
	if len(declared.PolicyTests) == 0 {
		return nil, usage{errors.New("the files hold no policy_tests: name one that does, or add some")}
	}
	find := func(context.Context, string) (oriel.User, error) { return oriel.User{}, errors.New("unreachable") }
	if slices.ContainsFunc(declared.PolicyTests, func(t oriel.PolicyTest) bool { return t.User != "" }) {
		kept, failed := openQuietly(ctx, loaded, p)
		if failed != nil {
			return nil, failed
		}
		defer func() { err = errors.Join(err, kept.Close()) }()
		find = finder(kept)
	}
	folder, err := os.MkdirTemp("", "oriel-policy-test-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the data of the tests: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	loaded.DataFolder = folder
	if _, err := importSources(ctx, loaded, p, &declared, newLog(p.stderr, max(loaded.LogLevel, slog.LevelWarn))); err != nil {
		return nil, err
	}
	key := make([]byte, sha256.Size)
	if _, err := io.ReadFull(p.random, key); err != nil {
		return nil, fmt.Errorf("make a key for masks: %w", err)
	}
	for i := range declared.Sources {
		declared.Sources[i].MaskKey = key
	}
	err = check(ctx, loaded, p, declared, func(queries *query.Queries) (err error) {
		results, err = queries.TestPolicies(ctx, &declared, declared.PolicyTests, find)
		return err
	})
	return results, err
}

// finder finds the users whom tests name.
func finder(kept *store.Store) oriel.FindTester {
	return func(ctx context.Context, named string) (oriel.User, error) {
		return directory.FindTester(ctx, kept, named)
	}
}

// wirePolicyTest is what a test came to, as the command prints it.
type wirePolicyTest struct {
	Name   string   `json:"name"`
	Passed bool     `json:"passed"`
	Wrong  []string `json:"wrong,omitempty"`
}

func (c policyTestCommand) report(p process, results []oriel.PolicyTestResult) error {
	failed := 0
	all := make([]wirePolicyTest, 0, len(results))
	lines := make([][]string, 0, len(results))
	for _, r := range results {
		all = append(all, wirePolicyTest{Name: r.Name, Passed: len(r.Wrong) == 0, Wrong: r.Wrong})
		if len(r.Wrong) == 0 {
			lines = append(lines, []string{"passed  " + cell(r.Name)})
			continue
		}
		failed++
		lines = append(lines, []string{"FAILED  " + cell(r.Name)})
		for _, w := range r.Wrong {
			lines = append(lines, []string{"        " + cell(w)})
		}
	}
	if len(results) == 0 {
		lines = [][]string{{"no policy tests are kept"}}
	}
	if err := c.print(p, map[string]any{"tests": all}, lines...); err != nil {
		return err
	}
	if failed > 0 {
		return findings{fmt.Errorf("%d of %d policy tests failed", failed, len(results))}
	}
	return nil
}

type policyTestsCommand struct {
	config.StoreFlags
	outputFlag
}

// Run lists the tests that are kept.
func (c policyTestsCommand) Run(ctx context.Context, p process) error {
	return withPolicies(ctx, c.StoreFlags, p, func(policies *directory.Policies) error {
		tests, err := policies.Tests(ctx, oriel.Operator())
		if err != nil {
			return err
		}
		lines := [][]string{{"NAME", "OF"}}
		for _, test := range tests {
			of := test.Table.String()
			switch {
			case test.Model != "":
				of = "model " + test.Model
			case test.Question != "":
				of = "question " + test.Question
			}
			lines = append(lines, []string{cell(test.Name), cell(of)})
		}
		return c.print(p, map[string]any{"policy_tests": declaration.PolicyTestSettings(tests)}, lines...)
	})
}

type policyDeleteTestCommand struct {
	config.StoreFlags
	outputFlag
	Name string `arg:"" help:"The test's name." placeholder:"NAME"`
}

// Run deletes the test.
func (c policyDeleteTestCommand) Run(ctx context.Context, p process) error {
	return withPolicies(ctx, c.StoreFlags, p, func(policies *directory.Policies) error {
		err := policies.DeleteTest(ctx, oriel.Operator(), c.Name)
		if oriel.CodeOf(err) == oriel.CodeNotFound {
			return oriel.E(oriel.CodeNotFound, "there is no policy test %s: see oriel policy tests", oriel.Quoted(c.Name))
		}
		if err != nil {
			return err
		}
		return c.print(p, map[string]any{"deleted": c.Name}, []string{"deleted policy test " + cell(c.Name)})
	})
}
