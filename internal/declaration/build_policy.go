package declaration

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/oriel-bi/oriel/internal/oriel"
)

func (b *builder) buildPolicies(d *document, file wireFile) {
	for i, w := range file.Policies {
		path := join("policies", i)
		switch {
		case (w.Table == "") == (w.Model == ""):
			d.at(path, `%s needs either "table" or "model"`, dotted(path))
			continue
		case w.Rows != "" && w.Shared, w.Rows == "" && !w.Shared && len(w.Columns) == 0:
			d.at(path, `%s needs either "rows" or "shared: true", or "columns"`, dotted(path))
			continue
		case w.Shared && w.Model != "":
			d.at(path, `%s: a table is shared, not a model: name the model's table`, dotted(path))
			continue
		case w.Shared && len(w.Columns) == 0 && len(w.Exempt) > 0:
			d.at(path, `%s is shared with all, so "exempt" says nothing: remove it`, dotted(path))
		}
		policy := oriel.Policy{Model: w.Model, Rows: w.Rows, Shared: w.Shared, Columns: masks(w.Columns)}
		if w.Table != "" {
			policy.Table = tableRef(w.Table)
		}
		for _, g := range w.Exempt {
			policy.Exempt = append(policy.Exempt, oriel.GroupKey(g))
		}
		b.origin[policyPlace(len(b.out.Policies))] = place{doc: d, path: path}
		b.out.Policies = append(b.out.Policies, policy)
	}
	for i, w := range file.PolicyTests {
		b.buildPolicyTest(d, join("policy_tests", i), w)
	}
}

// policyPlace is the name under which the place of the n-th policy is kept.
func policyPlace(n int) string { return fmt.Sprintf("policies#%d", n) }

// policyTestPlace is that of the n-th test.
func policyTestPlace(n int) string { return fmt.Sprintf("policy_tests#%d", n) }

// nobodysID is the id of somebody who is described without one.
const nobodysID = "usr_policy_test"

func masks(w map[string]string) map[string]oriel.Mask {
	if len(w) == 0 {
		return nil
	}
	columns := make(map[string]oriel.Mask, len(w))
	for name, mask := range w {
		columns[name] = oriel.Mask(mask)
	}
	return columns
}

func (b *builder) buildPolicyTest(d *document, path string, w wirePolicyTest) {
	if slices.ContainsFunc(b.out.PolicyTests, func(t oriel.PolicyTest) bool { return t.Name == w.Name }) {
		d.at(join(path, "name"), `%s.name: there is another policy test %q: tests are kept by name, give this one another`, dotted(path), w.Name)
	}
	test := oriel.PolicyTest{
		Name: w.Name, User: w.As.User, Model: w.Model, Question: w.Question,
		Only: w.Only, Count: w.Count, Columns: w.Columns, Masks: masks(w.Masks),
	}
	named := 0
	for _, name := range []string{w.Table, w.Model, w.Question} {
		if name != "" {
			named++
		}
	}
	if named != 1 {
		d.at(path, `%s needs one of "table", "model" and "question"`, dotted(path))
	}
	if w.Table != "" {
		test.Table = tableRef(w.Table)
	}
	if w.Only == "" && w.Count == nil && w.Columns == nil && w.Masks == nil {
		d.at(path, `%s expects nothing: add "only", "count", "columns" or "masks"`, dotted(path))
	}
	if w.Question == "" && len(w.Parameters) > 0 || w.Question != "" && w.Masks != nil {
		d.at(path, `%s: "parameters" belong to a question, "masks" to a table or model`, dotted(path))
	}
	who := w.As
	if who.User != "" && (who.ID != "" || who.Email != "" || who.Tenant != "" || len(who.Groups)+len(who.Attributes)+len(who.TenantAttributes) > 0) {
		d.at(join(path, "as"), `%s.as: a user of the store has groups and attributes already: remove what stands beside "user"`, dotted(path))
	}
	test.As = oriel.User{ID: oriel.UserID(who.ID), Email: who.Email, Tenant: oriel.TenantSlug(who.Tenant), Active: true}
	if who.User == "" && who.ID == "" {
		test.As.ID = nobodysID
	}
	var stored []oriel.GroupKey
	for _, g := range who.Groups {
		stored = append(stored, oriel.GroupKey(g))
	}
	test.As.Groups = oriel.WithBuiltInGroups(stored, test.As.Tenant)
	from := oriel.AttributeSets{SignIn: attributes(who.Attributes), Tenant: attributes(who.TenantAttributes)}
	test.As.Attributes, test.As.AttributesFrom = from.Effective(), from
	for name, value := range w.Parameters {
		text, err := json.Marshal(value)
		if err != nil {
			d.at(join(path, "parameters", name), "%s.parameters.%s: the value can't be kept: write a text, a number or a list", dotted(path), name)
			continue
		}
		if test.Parameters == nil {
			test.Parameters = map[string]json.RawMessage{}
		}
		test.Parameters[name] = text
	}
	b.origin[policyTestPlace(len(b.out.PolicyTests))] = place{doc: d, path: path}
	b.out.PolicyTests = append(b.out.PolicyTests, test)
}

// attributes reads values as a sign-in would: numbers and booleans by their
// JSON text.
func attributes(w map[string]any) oriel.Attributes {
	out := oriel.Attributes{}
	for name, value := range w {
		list, isList := value.([]any)
		if !isList {
			out[name] = oriel.Text(attributeText(value))
			continue
		}
		texts := make([]string, 0, len(list))
		for _, v := range list {
			texts = append(texts, attributeText(v))
		}
		out[name] = oriel.TextList(texts...)
	}
	return out
}

func attributeText(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	}
	text, err := json.Marshal(value)
	if err != nil {
		return "" // NaN, which no JSON holds: missing
	}
	return string(text)
}

// checkPolicies holds policies and their tests to what is declared.
func (b *builder) checkPolicies(x index) {
	models := keysOf(x.models)
	for i, p := range b.out.Policies {
		at := b.origin[policyPlace(i)]
		if p.Model != "" {
			b.needs(at.under("model"), "model", p.Model, models)
		} else {
			b.needsTable(at.under("table"), p.Table, x)
		}
		for j, g := range p.Exempt {
			b.needs(at.under("exempt", j), "group", string(g), x.groups)
		}
	}
	for i, test := range b.out.PolicyTests {
		at := b.origin[policyTestPlace(i)]
		switch {
		case test.Model != "":
			b.needs(at.under("model"), "model", test.Model, models)
		case test.Question != "":
			b.needs(at.under("question"), "question", test.Question, keysOf(x.questions))
		default:
			b.needsTable(at.under("table"), test.Table, x)
		}
		for _, g := range test.As.Groups {
			b.needs(at.under("as", "groups"), "group", string(g), x.groups)
		}
	}
}
