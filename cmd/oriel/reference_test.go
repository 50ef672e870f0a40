package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// TestReference_namesEveryCommandAndFlag holds docs/reference/commands.md and
// the command line together, both ways for commands.
func TestReference_namesEveryCommandAndFlag(t *testing.T) {
	content, err := os.ReadFile(filepath.Join("..", "..", "docs", "reference", "commands.md"))
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for _, part := range strings.Split(string(content), "\n### `oriel ")[1:] {
		name, text, _ := strings.Cut(part, "`")
		sections[name] = text
	}
	parser, err := kong.New(&commands{})
	if err != nil {
		t.Fatal(err)
	}
	// What a server's or a store's configuration is, the other page tells.
	configuration, err := os.ReadFile(filepath.Join("..", "..", "docs", "reference", "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, leaf := range parser.Model.Leaves(true) {
		name := strings.TrimPrefix(leaf.Path(), "oriel ")
		text, found := sections[name]
		if !found {
			t.Errorf("commands.md has no section on oriel %s", name)
			continue
		}
		delete(sections, name)
		for _, flag := range leaf.Flags {
			if flag.Name == "help" || flag.Name == "output" {
				continue // told once, at the top
			}
			named := "`--" + flag.Name + "`"
			if !strings.Contains(text, named) && !strings.Contains(string(configuration), "--"+flag.Name+"`") {
				t.Errorf("the section on oriel %s does not name %s", name, named)
			}
		}
	}
	for name := range sections {
		t.Errorf("commands.md tells of oriel %s, which is not there", name)
	}
}
