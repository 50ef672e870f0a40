package archtest

import (
	"path/filepath"
	"regexp"
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

// mapped is a file, or a pattern of several, that a package's map names.
var mapped = regexp.MustCompile(`[a-z0-9_.*/]+\.go\b`)

// TestPackages_mapsNameFilesThatAreThere: a map that leads nowhere is worse
// than none. A map is the indented part of a package's comment.
func TestPackages_mapsNameFilesThatAreThere(t *testing.T) {
	named := 0
	for _, f := range readTree(t) {
		if f.syntax.Doc == nil {
			continue
		}
		for line := range strings.Lines(f.syntax.Doc.Text()) {
			if !strings.HasPrefix(line, "\t") {
				continue
			}
			for _, name := range mapped.FindAllString(line, -1) {
				named++
				found, err := filepath.Glob(filepath.Join("..", "..", f.folder, name))
				if err != nil || len(found) == 0 {
					t.Errorf("%s names %s, which is not there", f.path, name)
				}
			}
		}
	}
	if named == 0 {
		t.Error("no map names a file")
	}
}
