package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// Policies are the limits on tables and models, as administrators keep them.
type Policies interface {
	List(ctx context.Context, p oriel.Principal) ([]directory.PolicySet, error)
	Replace(ctx context.Context, p oriel.Principal, on directory.PolicyTarget, wanted directory.PolicyRequest) (directory.PolicySet, error)
	Delete(ctx context.Context, p oriel.Principal, on directory.PolicyTarget, withoutTests bool) error
	Tests(ctx context.Context, p oriel.Principal) ([]oriel.PolicyTest, error)
	RunTests(ctx context.Context, p oriel.Principal) ([]oriel.PolicyTestResult, error)
	DeleteTest(ctx context.Context, p oriel.Principal, name string) error
}

// ListPolicies answers GET /api/v1/policies.
func (a *API) ListPolicies(w http.ResponseWriter, r *http.Request, params ListPoliciesParams) {
	a.administering(w, r, []string{"table", "model"}, oriel.ScopeAdminAccess, func(p oriel.Principal) error {
		wanted := directory.PolicyTarget{}
		if params.Table != "" || params.Model != "" {
			var err error
			if wanted, err = parsePolicyTarget(params.Table, params.Model); err != nil {
				return err
			}
		}
		sets, err := a.policies.List(r.Context(), p)
		if err != nil {
			return err
		}
		list := PolicyList{Items: []PolicySet{}}
		for _, set := range sets {
			if wanted == (directory.PolicyTarget{}) || set.On == wanted {
				list.Items = append(list.Items, wirePolicySet(set))
			}
		}
		a.answer(w, r, list)
		return nil
	})
}

// ReplacePolicies answers PUT /api/v1/policies.
func (a *API) ReplacePolicies(w http.ResponseWriter, r *http.Request, params ReplacePoliciesParams) {
	a.administering(w, r, []string{"table", "model"}, oriel.ScopeAdminAccess, func(p oriel.Principal) error {
		on, err := parsePolicyTarget(params.Table, params.Model)
		if err != nil {
			return err
		}
		wanted, err := parsePolicyRequest(w, r)
		if err != nil {
			return err
		}
		return a.trying(r, p, func() error {
			set, err := a.policies.Replace(r.Context(), p, on, wanted)
			if err != nil {
				return err
			}
			a.answer(w, r, wirePolicySet(set))
			return nil
		})
	})
}

// trying takes the turn of a run: policy tests ask the data sources.
func (a *API) trying(r *http.Request, p oriel.Principal, do func() error) error {
	done, err := a.runs.begin(r.Context(), p)
	if err != nil {
		return err
	}
	defer done()
	return do()
}

// DeletePolicies answers DELETE /api/v1/policies.
func (a *API) DeletePolicies(w http.ResponseWriter, r *http.Request, params DeletePoliciesParams) {
	a.administering(w, r, []string{"table", "model", "without_tests"}, oriel.ScopeAdminAccess, func(p oriel.Principal) error {
		on, err := parsePolicyTarget(params.Table, params.Model)
		if err != nil {
			return err
		}
		return a.trying(r, p, func() error {
			if err := a.policies.Delete(r.Context(), p, on, params.WithoutTests); err != nil {
				return err
			}
			a.done(w, r)
			return nil
		})
	})
}

// ListPolicyTests answers GET /api/v1/policy-tests.
func (a *API) ListPolicyTests(w http.ResponseWriter, r *http.Request) {
	a.administering(w, r, nil, oriel.ScopeAdminAccess, func(p oriel.Principal) error {
		tests, err := a.policies.Tests(r.Context(), p)
		if err != nil {
			return err
		}
		list := PolicyTestList{Items: make([]PolicyTest, 0, len(tests))}
		for _, test := range tests {
			list.Items = append(list.Items, wirePolicyTest(test))
		}
		a.answer(w, r, list)
		return nil
	})
}

// RunPolicyTests answers POST /api/v1/policy-tests/run.
func (a *API) RunPolicyTests(w http.ResponseWriter, r *http.Request) {
	a.administering(w, r, nil, oriel.ScopeAdminAccess, func(p oriel.Principal) error {
		return a.trying(r, p, func() error {
			results, err := a.policies.RunTests(r.Context(), p)
			if err != nil {
				return err
			}
			list := PolicyTestResults{Items: make([]PolicyTestResult, 0, len(results))}
			for _, one := range results {
				list.Items = append(list.Items, PolicyTestResult{Name: one.Name, Passed: len(one.Wrong) == 0, Wrong: append([]string{}, one.Wrong...)})
			}
			a.answer(w, r, list)
			return nil
		})
	})
}

// DeletePolicyTest answers DELETE /api/v1/policy-tests.
func (a *API) DeletePolicyTest(w http.ResponseWriter, r *http.Request, params DeletePolicyTestParams) {
	a.administering(w, r, []string{"name"}, oriel.ScopeAdminAccess, func(p oriel.Principal) error {
		if err := a.policies.DeleteTest(r.Context(), p, params.Name); err != nil {
			return err
		}
		a.done(w, r)
		return nil
	})
}

func parsePolicyTarget(table, model string) (directory.PolicyTarget, error) {
	if (table == "") == (model == "") {
		return directory.PolicyTarget{}, fieldError("table", "Name either a table or a model.")
	}
	if model != "" {
		return directory.PolicyTarget{Model: model}, nil
	}
	ref, err := parseTableRef(table)
	return directory.PolicyTarget{Table: ref}, err
}

func parseTableRef(text string) (oriel.TableRef, error) {
	source, table, found := strings.Cut(text, ".")
	if !found {
		return oriel.TableRef{}, fieldError("table", "Write it as SOURCE.TABLE.")
	}
	return oriel.TableRef{Source: source, Table: table}, nil
}

func parsePolicyRequest(w http.ResponseWriter, r *http.Request) (wanted directory.PolicyRequest, err error) {
	members, err := readObject(w, r, false, "policies", "tests", "without_tests")
	if err != nil {
		return wanted, err
	}
	if wanted.Policies, err = parseList(members, "policies"); err != nil {
		return wanted, err
	}
	if wanted.Tests, err = parseList(members, "tests"); err != nil {
		return wanted, err
	}
	without, err := parseSwitch(members, "without_tests")
	wanted.WithoutTests = without != nil && *without
	return wanted, err
}

// mostPolicies is how many a table has at most, and how many tests come at once.
const mostPolicies = 100

// parseList reads a member that must be a list, of whatever.
func parseList(members map[string]json.RawMessage, name string) ([]any, error) {
	raw, found := members[name]
	if !found {
		return nil, nil
	}
	var list []any
	if raw[0] != '[' || json.Unmarshal(raw, &list) != nil || len(list) > mostPolicies {
		return nil, fieldError(name, "This must be a list of at most 100 objects.")
	}
	return list, nil
}

func wirePolicySet(set directory.PolicySet) PolicySet {
	out := PolicySet{Model: orNoText(set.On.Model), Policies: make([]Policy, 0, len(set.Policies))}
	if set.On.Model == "" {
		out.Table = orNoText(set.On.Table.String())
	}
	for _, p := range set.Policies {
		one := Policy{Rows: p.Rows, Shared: p.Shared, Exempt: wireTexts(p.Exempt), Columns: make(map[string]PolicyColumns, len(p.Columns))}
		for name, mask := range p.Columns {
			one.Columns[name] = PolicyColumns(mask)
		}
		out.Policies = append(out.Policies, one)
	}
	return out
}

func wirePolicyTest(t oriel.PolicyTest) PolicyTest {
	out := PolicyTest{Name: t.Name, Model: t.Model, Question: t.Question, Only: t.Only, Count: t.Count, As: wirePolicyTester(t)}
	if t.Model == "" && t.Question == "" {
		out.Table = t.Table.String()
	}
	if len(t.Parameters) > 0 {
		out.Parameters = make(map[string]any, len(t.Parameters))
		for name, value := range t.Parameters {
			out.Parameters[name] = value
		}
	}
	if t.Columns != nil {
		out.Columns = &t.Columns
	}
	if t.Masks != nil {
		masks := make(map[string]string, len(t.Masks))
		for name, mask := range t.Masks {
			masks[name] = string(mask)
		}
		out.Masks = &masks
	}
	return out
}

func wirePolicyTester(t oriel.PolicyTest) PolicyTester {
	if t.User != "" {
		return PolicyTester{User: t.User}
	}
	out := PolicyTester{
		ID: string(t.As.ID), Email: t.As.Email, Tenant: string(t.As.Tenant),
		Attributes: wireAttributes(t.As.AttributesFrom.SignIn), TenantAttributes: wireAttributes(t.As.AttributesFrom.Tenant),
	}
	for _, g := range t.As.Groups {
		if g != oriel.GroupAllUsers && g != oriel.GroupAllTenantUsers {
			out.Groups = append(out.Groups, string(g))
		}
	}
	return out
}
