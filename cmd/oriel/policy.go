package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/declaration"
	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
	"github.com/oriel-bi/oriel/internal/store"
)

type policyCommand struct {
	List       policyListCommand       `cmd:"" help:"List the policies, by the table or model that they are on."`
	Set        policySetCommand        `cmd:"" help:"Replace the policies of one table or model, as one, when the tests that it touches pass."`
	Delete     policyDeleteCommand     `cmd:"" help:"Delete the policies of one table or model; a table is closed then."`
	Test       policyTestCommand       `cmd:"" help:"Run the policy tests that are kept, or those of declaration files, and apply nothing."`
	Tests      policyTestsCommand      `cmd:"" help:"List the policy tests that are kept."`
	DeleteTest policyDeleteTestCommand `cmd:"" help:"Delete a policy test, which then guards nothing."`
}

// policyTarget names one table or one model.
type policyTarget struct {
	Table string `help:"The table that the policies are on." placeholder:"SOURCE.TABLE" xor:"target" required:""`
	Model string `help:"The model that they are on." placeholder:"KEY" xor:"target" required:""`
}

func (t policyTarget) read() (directory.PolicyTarget, error) {
	if t.Model != "" {
		return directory.PolicyTarget{Model: t.Model}, nil
	}
	source, table, found := strings.Cut(t.Table, ".")
	if !found {
		return directory.PolicyTarget{}, usage{errors.New("--table is SOURCE.TABLE")}
	}
	return directory.PolicyTarget{Table: oriel.TableRef{Source: source, Table: table}}, nil
}

// String is as in a declaration.
func (t policyTarget) String() string {
	if t.Model != "" {
		return "model " + t.Model
	}
	return t.Table
}

// withPolicies does something to policies, under the rules of the API, on the
// engines.
func withPolicies(ctx context.Context, flags config.StoreFlags, p process, do func(*directory.Policies) error) error {
	return withStore(ctx, flags, p, func(c config.Config, kept *store.Store) (err error) {
		engines, err := openEngines(c, p)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, closeAll(engines)) }()
		queries := query.New(query.Options{Declared: kept.Declared, Engines: engines, Clock: p.clock, TimeZone: c.TimeZone})
		err = do(newPolicies(kept, queries))
		if oriel.CodeOf(err) == oriel.CodeInvalidRequest {
			return usage{errors.New(oriel.MessageOf(err))}
		}
		return err
	})
}

// newPolicies is what administrators keep of policies, by the rules of a
// declaration.
func newPolicies(kept *store.Store, queries *query.Queries) *directory.Policies {
	return directory.NewPolicies(directory.PolicyOptions{Declared: kept.Declared, Store: kept, Trial: queries, Read: declaration.ReadPolicies})
}

type policyListCommand struct {
	config.StoreFlags
	outputFlag
}

// Run lists all policies.
func (c policyListCommand) Run(ctx context.Context, p process) error {
	return withPolicies(ctx, c.StoreFlags, p, func(policies *directory.Policies) error {
		sets, err := policies.List(ctx, oriel.Operator())
		if err != nil {
			return err
		}
		all := []map[string]any{}
		lines := [][]string{{"ON", "ROWS", "COLUMNS", "EXEMPT"}}
		for _, set := range sets {
			all = append(all, declaration.PolicySettings(set.Policies)...)
			for _, one := range set.Policies {
				rows := one.Rows
				if one.Shared {
					rows = "shared with all"
				}
				lines = append(lines, []string{one.On(), cell(rows), cell(cells(one.Columns)), joined(one.Exempt)})
			}
		}
		return c.print(p, map[string]any{"policies": all}, lines...)
	})
}

type policySetCommand struct {
	config.StoreFlags
	outputFlag
	policyTarget
	WithoutTests bool   `help:"Leave the tests out, as when the data source is down; the audit tells."`
	File         string `arg:"" help:"A YAML or JSON file with policies, and policy_tests to keep with them." placeholder:"FILE"`
}

// Run replaces the policies.
func (c policySetCommand) Run(ctx context.Context, p process) error {
	on, err := c.read()
	if err != nil {
		return err
	}
	wanted := directory.PolicyRequest{WithoutTests: c.WithoutTests}
	if wanted.Policies, wanted.Tests, err = declaration.ReadPolicyFile(c.File, p.lookup); err != nil {
		return err
	}
	return withPolicies(ctx, c.StoreFlags, p, func(policies *directory.Policies) error {
		set, err := policies.Replace(ctx, oriel.Operator(), on, wanted)
		if oriel.CodeOf(err) == oriel.CodeNotFound {
			return oriel.E(oriel.CodeNotFound, "there is no %s: see oriel policy list", c.policyTarget)
		}
		if err != nil {
			return err
		}
		return c.print(p, map[string]any{"policies": declaration.PolicySettings(set.Policies)},
			[]string{c.policyTarget.String() + " has " + policyCount(len(set.Policies))})
	})
}

func policyCount(n int) string {
	if n == 1 {
		return "1 policy"
	}
	return fmt.Sprintf("%d policies", n)
}

type policyDeleteCommand struct {
	config.StoreFlags
	outputFlag
	policyTarget
	WithoutTests bool `help:"Leave the tests out, as when the data source is down; the audit tells."`
}

// Run deletes the policies.
func (c policyDeleteCommand) Run(ctx context.Context, p process) error {
	on, err := c.read()
	if err != nil {
		return err
	}
	return withPolicies(ctx, c.StoreFlags, p, func(policies *directory.Policies) error {
		err := policies.Delete(ctx, oriel.Operator(), on, c.WithoutTests)
		if oriel.CodeOf(err) == oriel.CodeNotFound {
			return oriel.E(oriel.CodeNotFound, "%s has no policies: see oriel policy list", c.policyTarget)
		}
		if err != nil {
			return err
		}
		return c.print(p, map[string]any{"deleted": c.policyTarget.String()}, []string{"deleted the policies of " + c.policyTarget.String()})
	})
}
