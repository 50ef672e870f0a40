package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// PolicyStore keeps policies and their tests. who is [oriel.Principal.Who] of
// the one who changes them.
type PolicyStore interface {
	ChangePolicies(ctx context.Context, who string, c oriel.PolicyChange) error
	// KeepRefused keeps that a change was tried, and refused by tests.
	KeepRefused(ctx context.Context, who string, c oriel.PolicyChange) error
	DeletePolicyTest(ctx context.Context, who, name string) error
	FindUserByEmail(ctx context.Context, email string) (oriel.User, bool, error)
	FindPerson(ctx context.Context, user oriel.UserID, provider string) (oriel.Person, bool, error)
	// Confirm makes the declaration in memory that of all changes up to now.
	Confirm(ctx context.Context) error
}

// PolicyTrial runs tests of policies.
type PolicyTrial interface {
	// Touched are the tests of next on whose outcome the change from now bears.
	Touched(now, next *oriel.Declaration) []oriel.PolicyTest
	// TestPolicies runs tests on a declaration; one that could not be run has not
	// passed. Errors: those of find.
	TestPolicies(ctx context.Context, d *oriel.Declaration, tests []oriel.PolicyTest, find oriel.FindTester) ([]oriel.PolicyTestResult, error)
}

// PolicyOptions set up [Policies].
type PolicyOptions struct {
	// Declared is the newest declared settings.
	Declared func() *oriel.Declaration
	Store    PolicyStore
	Trial    PolicyTrial
	// Read reads policies and tests under the names that they have in a
	// declaration, by the same rules. The error is for who wrote them.
	Read func(settings map[string]any, now *oriel.Declaration) ([]oriel.Policy, []oriel.PolicyTest, error)
}

// Policies are the limits on tables and models as administrators keep them. A
// change holds from the next request on, leaves an audit entry, and is refused
// while a test that it touches fails.
type Policies struct{ options PolicyOptions }

// NewPolicies makes Policies.
func NewPolicies(options PolicyOptions) *Policies { return &Policies{options: options} }

// PolicyTarget is the one table, or the one model, that policies are on.
type PolicyTarget struct {
	Table oriel.TableRef
	Model string
}

// PolicySet are the policies of one target.
type PolicySet struct {
	On       PolicyTarget
	Policies []oriel.Policy
}

// PolicyRequest is what somebody wants the policies of a target to be: under
// the names of a declaration, without what they are on.
type PolicyRequest struct {
	Policies []any
	Tests    []any // kept with the others, by name
	// WithoutTests leaves the tests out, which the audit tells.
	WithoutTests bool
}

func (d *Policies) require(p oriel.Principal) error { return access.Require(p, oriel.ScopeAdminAccess) }

// List lists all policies, by what they are on. Errors: not_authenticated,
// scope_denied.
func (d *Policies) List(_ context.Context, p oriel.Principal) ([]PolicySet, error) {
	if err := d.require(p); err != nil {
		return nil, err
	}
	var sets []PolicySet
	for _, policy := range d.options.Declared().Policies {
		on := PolicyTarget{Model: policy.Model}
		if policy.Model == "" {
			on.Table = policy.Table
		}
		at := slices.IndexFunc(sets, func(s PolicySet) bool { return s.On == on })
		if at < 0 {
			sets = append(sets, PolicySet{On: on})
			at = len(sets) - 1
		}
		sets[at].Policies = append(sets[at].Policies, policy)
	}
	return sets, nil
}

// Replace makes the policies of a table or model what is wanted, as one. Errors:
// not_authenticated; scope_denied, also for an exemption that the principal does
// not have; not_found when there is no such table or model; invalid_request
// with each place that is wrong, a condition's by position too; conflict with
// the tests that fail or could not be run.
func (d *Policies) Replace(ctx context.Context, p oriel.Principal, on PolicyTarget, wanted PolicyRequest) (PolicySet, error) {
	if err := d.require(p); err != nil {
		return PolicySet{}, err
	}
	if len(wanted.Policies) == 0 {
		return PolicySet{}, oriel.WrongField("policies", "Name at least one policy: delete them all in another way.")
	}
	err := d.change(ctx, p, on, func(now *oriel.Declaration) (oriel.PolicyChange, error) { return d.read(now, on, wanted) }, wanted.WithoutTests)
	if err != nil {
		return PolicySet{}, err
	}
	return PolicySet{On: on, Policies: policiesOn(d.options.Declared(), on)}, nil
}

// Delete takes the policies of a table or model away: a table is closed then.
// Errors as [Policies.Replace]; not_found when there are none.
func (d *Policies) Delete(ctx context.Context, p oriel.Principal, on PolicyTarget, withoutTests bool) error {
	if err := d.require(p); err != nil {
		return err
	}
	return d.change(ctx, p, on, func(now *oriel.Declaration) (oriel.PolicyChange, error) {
		if len(policiesOn(now, on)) == 0 {
			return oriel.PolicyChange{}, &oriel.Error{Code: oriel.CodeNotFound}
		}
		return oriel.PolicyChange{Table: on.Table, Model: on.Model}, nil
	}, withoutTests)
}

// attempts is how often a change is tried anew when something else was changed
// while its tests ran.
const attempts = 3

func (d *Policies) change(ctx context.Context, p oriel.Principal, on PolicyTarget, read func(*oriel.Declaration) (oriel.PolicyChange, error), withoutTests bool) error {
	for attempt := 1; ; attempt++ {
		now := d.options.Declared()
		c, err := read(now)
		if err != nil {
			return err
		}
		if err := access.ReplacePolicies(p, policiesOn(now, on), c.Policies); err != nil {
			return err
		}
		c.Revision = now.Revision
		if err := d.try(ctx, p, now, &c, withoutTests); err != nil {
			return err
		}
		err = d.options.Store.ChangePolicies(ctx, p.Who(), c)
		if oriel.CodeOf(err) != oriel.CodeConflict || attempt == attempts {
			return err
		}
		if err := d.options.Store.Confirm(ctx); err != nil {
			return err
		}
	}
}

// read reads what is wanted of the target, and holds it to its table.
func (d *Policies) read(now *oriel.Declaration, on PolicyTarget, wanted PolicyRequest) (oriel.PolicyChange, error) {
	src, table, found := tableOf(now, on)
	if !found {
		return oriel.PolicyChange{}, &oriel.Error{Code: oriel.CodeNotFound}
	}
	name, key := "table", on.Table.String()
	if on.Model != "" {
		name, key = "model", on.Model
	}
	policies := make([]any, 0, len(wanted.Policies))
	for i, one := range wanted.Policies {
		settings, is := one.(map[string]any)
		if !is {
			return oriel.PolicyChange{}, oriel.WrongField("policies", fmt.Sprintf("policies.%d must be a mapping", i))
		}
		for _, given := range []string{"table", "model"} {
			if other, found := settings[given]; found && (given != name || other != key) {
				return oriel.PolicyChange{}, oriel.WrongField("policies", fmt.Sprintf("policies.%d.%s: the address says already what the policies are on: remove it", i, given))
			}
		}
		settings[name] = key
		policies = append(policies, settings)
	}
	c := oriel.PolicyChange{Table: on.Table, Model: on.Model}
	var err error
	c.Policies, c.Tests, err = d.options.Read(map[string]any{"policies": policies, "policy_tests": append([]any{}, wanted.Tests...)}, now)
	if err != nil {
		return c, &oriel.Error{Code: oriel.CodeInvalidRequest, Message: err.Error()}
	}
	for i, policy := range c.Policies {
		if _, err := access.CheckPolicy(policy, src, table); err != nil {
			place, what := fmt.Sprintf("policies.%d", i), oriel.MessageOf(err)
			return c, &oriel.Error{Code: oriel.CodeInvalidRequest, Message: place + ": " + what, Fields: map[string]string{place: what}}
		}
	}
	return c, nil
}

// try refuses a change while a test that it touches fails. What tests come to
// tells of rows, also of those that the principal may not see: a change that was
// refused leaves an audit entry as one that was kept does.
func (d *Policies) try(ctx context.Context, p oriel.Principal, now *oriel.Declaration, c *oriel.PolicyChange, withoutTests bool) error {
	next := c.Over(now)
	touched := d.options.Trial.Touched(now, next)
	if withoutTests {
		for _, test := range touched {
			c.Untested = append(c.Untested, test.Name)
		}
		return nil
	}
	results, err := d.options.Trial.TestPolicies(ctx, next, touched, d.tester)
	if err != nil {
		return err
	}
	refused := RefuseFailing(told(p, results))
	if refused != nil {
		if err := d.options.Store.KeepRefused(ctx, p.Who(), *c); err != nil {
			return err
		}
	}
	return refused
}

// told leaves out how many rows there are but for who may do everything, as an
// explanation does.
func told(p oriel.Principal, results []oriel.PolicyTestResult) []oriel.PolicyTestResult {
	if p.Holds(oriel.ScopeAdmin) {
		return results
	}
	results = slices.Clone(results)
	for i := range results {
		results[i].Wrong = results[i].Uncounted
	}
	return results
}

// RefuseFailing is a conflict that names each test that failed; nil when all
// passed.
func RefuseFailing(results []oriel.PolicyTestResult) error {
	var lines []string
	for _, r := range results {
		for _, wrong := range r.Wrong {
			lines = append(lines, fmt.Sprintf("policy test %q: %s", r.Name, wrong))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return oriel.E(oriel.CodeConflict, "Nothing was changed, since policy tests failed:\n%s", strings.Join(lines, "\n"))
}

// Tests lists the tests that are kept, by name. Errors: not_authenticated,
// scope_denied.
func (d *Policies) Tests(_ context.Context, p oriel.Principal) ([]oriel.PolicyTest, error) {
	if err := d.require(p); err != nil {
		return nil, err
	}
	return d.options.Declared().PolicyTests, nil
}

// RunTests runs all tests that are kept, on what is declared. Errors:
// not_authenticated, scope_denied.
func (d *Policies) RunTests(ctx context.Context, p oriel.Principal) ([]oriel.PolicyTestResult, error) {
	if err := d.require(p); err != nil {
		return nil, err
	}
	declared := d.options.Declared()
	results, err := d.options.Trial.TestPolicies(ctx, declared, declared.PolicyTests, d.tester)
	return told(p, results), err
}

// DeleteTest takes a test away, which then guards nothing. Errors:
// not_authenticated, scope_denied, not_found.
func (d *Policies) DeleteTest(ctx context.Context, p oriel.Principal, name string) error {
	if err := d.require(p); err != nil {
		return err
	}
	return d.options.Store.DeletePolicyTest(ctx, p.Who(), name)
}

// tester finds a user of the store with what policies read of them: the
// attributes that an administrator set, and the tenant's.
func (d *Policies) tester(ctx context.Context, named string) (oriel.User, error) {
	return FindTester(ctx, d.options.Store, named)
}

// FindTester finds a user, by e-mail address or id, with the attributes that an
// administrator and the tenant set. Error: invalid_request without one.
func FindTester(ctx context.Context, store interface {
	FindUserByEmail(ctx context.Context, email string) (oriel.User, bool, error)
	FindPerson(ctx context.Context, user oriel.UserID, provider string) (oriel.Person, bool, error)
}, named string,
) (oriel.User, error) {
	id := oriel.UserID(named)
	if strings.Contains(named, "@") {
		user, found, err := store.FindUserByEmail(ctx, named)
		if err != nil {
			return oriel.User{}, err
		}
		if id = user.ID; !found {
			id = ""
		}
	}
	person, found, err := store.FindPerson(ctx, id, "")
	if err == nil && !found {
		err = &oriel.Error{
			Code: oriel.CodeInvalidRequest, Err: errors.New("no such user"),
			Message: fmt.Sprintf("there is no user %s: describe one by attributes and groups instead", oriel.Quoted(named)),
		}
	}
	return person.Effective(), err
}

func policiesOn(d *oriel.Declaration, on PolicyTarget) []oriel.Policy {
	var all []oriel.Policy
	for _, p := range d.Policies {
		if p.Model == on.Model && (on.Model != "" || p.Table == on.Table) {
			all = append(all, p)
		}
	}
	return all
}

// tableOf is the table of the target, or the one that its model is on.
func tableOf(d *oriel.Declaration, on PolicyTarget) (oriel.Source, oriel.SourceTable, bool) {
	ref := on.Table
	if on.Model != "" {
		model, found := d.Model(on.Model)
		if !found {
			return oriel.Source{}, oriel.SourceTable{}, false
		}
		ref = model.Table
	}
	src, _ := d.Source(ref.Source)
	table, found := src.Table(ref.Table)
	return src, table, found
}
