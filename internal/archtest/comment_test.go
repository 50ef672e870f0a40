package archtest

import (
	"strings"
	"testing"
)

// TestPackages_sayWhatTheyAreFor: a reader who opens a folder meets its map
// first, and below internal it stands in doc.go.
func TestPackages_sayWhatTheyAreFor(t *testing.T) {
	said := map[string]bool{}
	seen := map[string]bool{}
	for _, f := range readTree(t) {
		seen[f.folder] = true
		if f.syntax.Doc == nil || strings.HasSuffix(f.path, ".gen.go") {
			continue
		}
		if strings.HasPrefix(f.folder, "internal/") && !strings.HasSuffix(f.path, "/doc.go") {
			t.Errorf("%s has a package comment: move it to %s/doc.go, where readers look for it", f.path, f.folder)
			continue
		}
		said[f.folder] = true
	}
	for folder := range seen {
		if !said[folder] {
			t.Errorf("%s has no package comment: say what the package is for", folder)
		}
	}
}
