package postgres_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source/postgres"
)

// A guard that refuses what everybody asks is in the way.
func TestEveryday_isAnsweredWithPermittedRows(t *testing.T) {
	content, err := os.ReadFile("../../../tests/vectors/sql/postgres-everyday.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Version int `yaml:"version"`
		Cases   []struct {
			Name      string   `yaml:"name"`
			SQL       string   `yaml:"sql"`
			Arguments []string `yaml:"arguments"`
			Rows      []string `yaml:"rows"`
		} `yaml:"cases"`
	}
	if err := yaml.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	b := openSample(t, postgres.Options{})
	decisions := decide(t, someone("DFW"), b.source, samplePolicies)
	names := map[string]bool{}
	for _, c := range file.Cases {
		names[c.Name] = true
		var arguments []oriel.Scalar
		for _, a := range c.Arguments {
			arguments = append(arguments, oriel.TextScalar(a))
		}
		result, err := b.ask(decisions, c.SQL, arguments...)
		got := []string{}
		for _, row := range cells(result) {
			got = append(got, strings.Join(row, " "))
		}
		if diff := cmp.Diff(c.Rows, got); diff != "" || err != nil {
			t.Errorf("%s: %v: %s", c.Name, err, diff)
		}
	}
	if len(names) < 60 {
		t.Errorf("%d questions, at least 60 are promised", len(names))
	}
}
