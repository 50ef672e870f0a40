package declaration

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// ReadPolicies reads policies and their tests under the names that they have in
// a file: settings has "policies" and "policy_tests", and what one way refuses
// the other does too. They may name what is declared now, and nothing else. An
// error is one sentence for each thing that is wrong, which names its place.
func ReadPolicies(settings map[string]any, now *oriel.Declaration) ([]oriel.Policy, []oriel.PolicyTest, error) {
	schema, err := newShape()
	if err != nil {
		return nil, nil, err
	}
	text, err := json.Marshal(settings)
	if err != nil {
		return nil, nil, errors.New("the policies cannot be read: write plain texts, numbers, lists and mappings")
	}
	var value map[string]any
	if err := json.Unmarshal(text, &value); err != nil {
		return nil, nil, errors.New("the policies are not an object")
	}
	value["version"] = 1.0
	d := &document{lines: map[string]int{}, keys: map[string]int{}, referred: map[string]bool{}}
	keysOfTree(d, value, "")
	schema.check(d, value)
	if err := d.said(); err != nil {
		return nil, nil, err
	}
	var file wireFile
	if text, err = yaml.Marshal(value); err == nil {
		err = yaml.Unmarshal(text, &file)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read policies: %w", err)
	}
	b := &builder{origin: map[string]place{}}
	b.buildPolicies(d, file)
	if err := d.said(); err != nil {
		return nil, nil, err
	}
	b.checkPolicies(indexOf(now))
	d.problems = append(d.problems, b.problems...)
	return b.out.Policies, b.out.PolicyTests, d.said()
}

// ReadPolicyFile reads a file that has policies and policy_tests alone, for
// [ReadPolicies]. Every error that a person made is an [*Error].
func ReadPolicyFile(name string, env func(string) (string, bool)) (policies, tests []any, err error) {
	d, value, err := readDocument(name, env)
	if err != nil {
		return nil, nil, err
	}
	file, _ := value.(map[string]any)
	for key, item := range file {
		list, is := item.([]any)
		switch {
		case key == "policies" && is:
			policies = list
		case key == "policy_tests" && is:
			tests = list
		default:
			d.at(key, "the file has %q: it takes the lists policies and policy_tests alone", key)
		}
	}
	return policies, tests, d.problems.err()
}

// keysOfTree notes where names stand, which the schema's problems look up.
func keysOfTree(d *document, value any, path string) {
	switch value := value.(type) {
	case map[string]any:
		for name, item := range value {
			d.keys[join(path, name)] = 1
			keysOfTree(d, item, join(path, name))
		}
	case []any:
		for i, item := range value {
			keysOfTree(d, item, join(path, i))
		}
	}
}

// said are the document's problems without file and line.
func (d *document) said() error {
	if len(d.problems) == 0 {
		return nil
	}
	var lines []string
	for i, p := range d.problems {
		if i == maxProblems {
			break
		}
		lines = append(lines, p.Message)
	}
	return errors.New(strings.Join(lines, "\n"))
}

// indexOf is what can be referred to of what is declared.
func indexOf(now *oriel.Declaration) index {
	b := &builder{out: *now}
	x := b.index()
	for _, s := range now.Sources {
		x.tables[s.Key] = nil
		for _, t := range s.Tables {
			x.tables[s.Key] = append(x.tables[s.Key], t.Name)
		}
	}
	return x
}

// PolicySettings are policies under the names that they have in a file.
func PolicySettings(policies []oriel.Policy) []map[string]any {
	all := make([]map[string]any, 0, len(policies))
	for _, p := range policies {
		one := map[string]any{}
		if p.Model != "" {
			one["model"] = p.Model
		} else {
			one["table"] = p.Table.String()
		}
		if p.Rows != "" {
			one["rows"] = p.Rows
		}
		if len(p.Columns) > 0 {
			one["columns"] = maskSettings(p.Columns)
		}
		if p.Shared {
			one["shared"] = true
		}
		if len(p.Exempt) > 0 {
			one["exempt"] = list(p.Exempt)
		}
		all = append(all, one)
	}
	return all
}

func maskSettings(columns map[string]oriel.Mask) map[string]any {
	all := make(map[string]any, len(columns))
	for name, mask := range columns {
		all[name] = string(mask)
	}
	return all
}

// PolicyTestSettings are tests under the names that they have in a file.
func PolicyTestSettings(tests []oriel.PolicyTest) []map[string]any {
	all := make([]map[string]any, 0, len(tests))
	for _, t := range tests {
		one := map[string]any{"name": t.Name, "as": testerSettings(t)}
		for name, text := range map[string]string{"model": t.Model, "question": t.Question, "only": t.Only} {
			if text != "" {
				one[name] = text
			}
		}
		if t.Model == "" && t.Question == "" {
			one["table"] = t.Table.String()
		}
		if len(t.Parameters) > 0 {
			one["parameters"] = t.Parameters
		}
		if t.Count != nil {
			one["count"] = *t.Count
		}
		if t.Columns != nil {
			one["columns"] = t.Columns
		}
		if t.Masks != nil {
			one["masks"] = maskSettings(t.Masks)
		}
		all = append(all, one)
	}
	return all
}

func testerSettings(t oriel.PolicyTest) map[string]any {
	if t.User != "" {
		return map[string]any{"user": t.User}
	}
	who := map[string]any{}
	if t.As.ID != nobodysID {
		who["id"] = string(t.As.ID)
	}
	for name, text := range map[string]string{"email": t.As.Email, "tenant": string(t.As.Tenant)} {
		if text != "" {
			who[name] = text
		}
	}
	var groups []any
	for _, g := range t.As.Groups {
		if g != oriel.GroupAllUsers && g != oriel.GroupAllTenantUsers {
			groups = append(groups, string(g))
		}
	}
	if len(groups) > 0 {
		who["groups"] = groups
	}
	for name, set := range map[string]oriel.Attributes{"attributes": t.As.AttributesFrom.SignIn, "tenant_attributes": t.As.AttributesFrom.Tenant} {
		if len(set) > 0 {
			who[name] = attributeSettings(set)
		}
	}
	return who
}

func attributeSettings(attributes oriel.Attributes) map[string]any {
	all := make(map[string]any, len(attributes))
	for name, value := range attributes {
		if !value.List && len(value.Values) == 1 {
			all[name] = value.Values[0]
			continue
		}
		all[name] = list(value.Values)
	}
	return all
}
