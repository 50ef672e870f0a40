package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

var (
	// link is a relative link of Markdown, without its anchor.
	link = regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
	// sourceFile is a file that ARCHITECTURE.md names on the way of a request.
	sourceFile = regexp.MustCompile("`([a-z/-]+/[a-z_-]+\\.(?:go|tsx?))`")
)

// TestDocuments_leadSomewhere: what a document links to, and each file on the
// ways that ARCHITECTURE.md tells, is in the tree.
func TestDocuments_leadSomewhere(t *testing.T) {
	root := filepath.Join("..", "..")
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md", "sample/*.md", "packages/*/*.md"} {
		documents, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, document := range documents {
			for _, found := range link.FindAllStringSubmatch(read(t, document), -1) {
				if _, err := os.Stat(filepath.Join(filepath.Dir(document), filepath.FromSlash(found[1]))); err != nil {
					t.Errorf("%s links to %s, which is not there", document, found[1])
				}
			}
		}
	}
	named := sourceFile.FindAllStringSubmatch(read(t, filepath.Join(root, "ARCHITECTURE.md")), -1)
	if len(named) < 10 {
		t.Errorf("ARCHITECTURE.md names %d files: this test looks at the wrong thing", len(named))
	}
	for _, found := range named {
		if !inRooms(root, found[1]) {
			t.Errorf("ARCHITECTURE.md names %s, which is not there", found[1])
		}
	}
}

// inRooms tells whether a file is in one of the folders that the ways leave out.
func inRooms(root, name string) bool {
	for _, room := range []string{"internal", "packages"} {
		if _, err := os.Stat(filepath.Join(root, room, filepath.FromSlash(name))); err == nil {
			return true
		}
	}
	return false
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
