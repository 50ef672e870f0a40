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
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
	"github.com/oriel-bi/oriel/internal/store"
)

type policyCommand struct {
	Test policyTestCommand `cmd:"" help:"Run the tests of policies that declaration files hold, and apply nothing."`
}

type policyTestCommand struct {
	config.StoreFlags
	outputFlag
	Files []string `arg:"" help:"Declaration files, read as one." placeholder:"FILE"`
}

// policyResult is what a test came to.
type policyResult struct {
	Name   string   `json:"name"`
	Passed bool     `json:"passed"`
	Wrong  []string `json:"wrong,omitempty"`
}

// Run tries the files' policies on a copy of the files' data, apart from what a
// server reads. The store is opened only for tests that name one of its users.
func (c policyTestCommand) Run(ctx context.Context, p process) (err error) {
	loaded, err := load(config.ServeFlags{StoreFlags: c.StoreFlags}, p)
	if err != nil {
		return err
	}
	declared, err := declaration.Load(c.Files, declaration.Options{Env: p.lookup, Origins: origins(loaded)})
	if err != nil {
		return err
	}
	if len(declared.PolicyTests) == 0 {
		return usage{errors.New("the files hold no policy_tests: name one that does, or add some")}
	}
	find := func(context.Context, string) (oriel.User, error) { return oriel.User{}, errors.New("unreachable") }
	if slices.ContainsFunc(declared.PolicyTests, func(t oriel.PolicyTest) bool { return t.User != "" }) {
		kept, failed := openQuietly(ctx, loaded, p)
		if failed != nil {
			return failed
		}
		defer func() { err = errors.Join(err, kept.Close()) }()
		find = userFinder(kept)
	}
	folder, err := os.MkdirTemp("", "oriel-policy-test-")
	if err != nil {
		return fmt.Errorf("make a folder for the data of the tests: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	loaded.DataFolder = folder
	if err := importSources(ctx, folder, &declared, newLog(p.stderr, max(loaded.LogLevel, slog.LevelWarn))); err != nil {
		return err
	}
	key := make([]byte, sha256.Size)
	if _, err := io.ReadFull(p.random, key); err != nil {
		return fmt.Errorf("make a key for masks: %w", err)
	}
	for i := range declared.Sources {
		declared.Sources[i].MaskKey = key
	}
	var results []policyResult
	err = check(ctx, loaded, p, declared, func(queries *query.Queries) (err error) {
		results, err = testPolicies(ctx, queries, declared.PolicyTests, find)
		return err
	})
	if err != nil {
		return err
	}
	return c.report(p, results)
}

func (c policyTestCommand) report(p process, results []policyResult) error {
	failed := 0
	lines := make([][]string, 0, len(results))
	for _, r := range results {
		if r.Passed {
			lines = append(lines, []string{"passed  " + r.Name})
			continue
		}
		failed++
		lines = append(lines, []string{"FAILED  " + r.Name})
		for _, w := range r.Wrong {
			lines = append(lines, []string{"        " + w})
		}
	}
	if err := c.print(p, map[string]any{"tests": results}, lines...); err != nil {
		return err
	}
	if failed > 0 {
		return findings{fmt.Errorf("%d of %d policy tests failed", failed, len(results))}
	}
	return nil
}

// testPolicies runs the tests in their order.
func testPolicies(ctx context.Context, queries *query.Queries, tests []oriel.PolicyTest, find func(context.Context, string) (oriel.User, error)) ([]policyResult, error) {
	results := make([]policyResult, 0, len(tests))
	for _, test := range tests {
		if test.User != "" {
			user, err := find(ctx, test.User)
			if err != nil {
				return nil, fmt.Errorf("policy test %q: %w", test.Name, err)
			}
			test.As = user
		}
		wrong, err := queries.TestPolicy(ctx, test)
		if err != nil {
			return nil, err
		}
		results = append(results, policyResult{Name: test.Name, Passed: len(wrong) == 0, Wrong: wrong})
	}
	return results, nil
}

// userFinder finds users of the store with what policies read of them: the
// attributes that an administrator set, and the tenant's.
func userFinder(kept *store.Store) func(context.Context, string) (oriel.User, error) {
	return func(ctx context.Context, email string) (oriel.User, error) {
		user, found, err := kept.FindUserByEmail(ctx, email)
		if err != nil {
			return oriel.User{}, err
		}
		person, still, err := kept.FindPerson(ctx, user.ID, "")
		if err == nil && (!found || !still) {
			err = fmt.Errorf("there is no user %s: describe one by attributes and groups instead", oriel.Quoted(email))
		}
		return person.Effective(), err
	}
}

// refuseFailing is for apply: a policy whose tests fail is not applied.
func refuseFailing(results []policyResult) error {
	var errs []error
	for _, r := range results {
		for _, w := range r.Wrong {
			errs = append(errs, fmt.Errorf("policy test %q: %s", r.Name, w))
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return fmt.Errorf("nothing was applied, since policy tests failed:\n%w", errors.Join(errs...))
}
