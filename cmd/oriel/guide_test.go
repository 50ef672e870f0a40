package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// block is one of Markdown's code blocks, with the line before it.
var block = regexp.MustCompile("(?ms)^([^\n]*)\n\n```([a-z]+)\n(.*?)^```$")

// fileName is how a line before a block says which file it is.
var fileName = regexp.MustCompile("`([a-z]+\\.[a-z]+)`[^`]*(?:`[^`]*`[^`]*)?:$")

// guide takes a guide apart: its shell blocks in their order, and its files.
func guide(name string) (shell []string, files map[string]string, err error) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "guide", name))
	if err != nil {
		return nil, nil, err
	}
	files = map[string]string{}
	for _, found := range block.FindAllStringSubmatch(string(text), -1) {
		before, language, body := found[1], found[2], found[3]
		if language == "sh" {
			shell = append(shell, body)
			continue
		}
		named := fileName.FindStringSubmatch(before)
		if named == nil {
			return nil, nil, fmt.Errorf("the line %q before a block of %s names no file", before, language)
		}
		files[named[1]] = body
	}
	return shell, files, nil
}

// writeGuide puts a guide's files into a folder, and its shell blocks as
// prefix-2.sh and so on: each after the first, which has the addresses.
func writeGuide(folder, name, prefix string) error {
	shell, files, err := guide(name)
	if err != nil {
		return err
	}
	for i, body := range shell[1:] {
		files[fmt.Sprintf("%s-%d.sh", prefix, i+2)] = shell[0] + body
	}
	for name, body := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(body), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// TestGuide_theGoHostBuilds builds the guide's Go host as if it were in this
// module; the other hosts run in testdata/guide.txtar.
func TestGuide_theGoHostBuilds(t *testing.T) {
	_, files, err := guide("production-sign-in.md")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	source, overlay := filepath.Join(folder, "main.go"), filepath.Join(folder, "overlay.json")
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	replaced, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, "guidehost", "main.go"): source}})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{source: []byte(files["main.go"]), overlay: replaced} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-overlay", overlay, "-o", filepath.Join(folder, "host"), "./guidehost")
	build.Dir = root
	if said, err := build.CombinedOutput(); err != nil {
		t.Errorf("the guide's Go host does not build: %v\n%s", err, strings.TrimSpace(string(said)))
	}
}
