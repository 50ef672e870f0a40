//go:build !race

package postgres

import (
	"os"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"
)

// Escape is one case of the corpus, described in the file itself.
type Escape struct {
	Name      string   `yaml:"name"`
	SQL       string   `yaml:"sql"`
	Mechanism string   `yaml:"mechanism"`
	Guard     string   `yaml:"guard"`
	Outcome   string   `yaml:"outcome"`
	Closed    []string `yaml:"closed"`
	Arguments []string `yaml:"arguments"`
	Source    string   `yaml:"source"`
}

// Corpus reads the escapes. Those of one mechanism that one guard stops count
// once.
func Corpus(t *testing.T) []Escape {
	t.Helper()
	f, err := os.Open("../../../tests/vectors/sql/postgres.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var file struct {
		Version int      `yaml:"version"`
		Cases   []Escape `yaml:"cases"`
	}
	decoder := yaml.NewDecoder(f)
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	pairs, outside := map[[2]string]bool{}, map[[2]string]bool{}
	for _, c := range file.Cases {
		if names[c.Name] || c.Mechanism == "" || bites[c.Guard] == nil {
			t.Fatalf("%q: the name is taken, the mechanism is missing, or nothing gets through without the guard %q", c.Name, c.Guard)
		}
		names[c.Name] = true
		pair := [2]string{c.Mechanism, c.Guard}
		pairs[pair] = true
		switch c.Source {
		case "":
		case "outside":
			outside[pair] = true
		default:
			t.Fatalf("%q: the source %q is not known", c.Name, c.Source)
		}
	}
	t.Logf("%d cases; mechanism and guard: %d different pairs, %d of them from outside", len(file.Cases), len(pairs), len(outside))
	if len(pairs)-len(outside) < 60 || len(outside) < 100 {
		t.Fatalf("%d pairs, %d of them from outside; at least 60 others and 100 are promised", len(pairs), len(outside))
	}
	return file.Cases
}

// escapeNamed finds a case.
func escapeNamed(t *testing.T, name string) Escape {
	t.Helper()
	all := Corpus(t)
	at := slices.IndexFunc(all, func(c Escape) bool { return c.Name == name })
	if at < 0 {
		t.Fatalf("there is no case %q", name)
	}
	return all[at]
}
