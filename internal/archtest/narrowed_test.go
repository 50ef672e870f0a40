package archtest

import (
	"go/ast"
	"path"
	"strings"
	"testing"
)

// TestNarrowed_isMadeInNarrowFilesAlone keeps the one way from a query to its
// rows: whoever could make a source.Narrowed elsewhere could run a query that
// no policy has touched.
func TestNarrowed_isMadeInNarrowFilesAlone(t *testing.T) {
	made := 0
	for _, f := range readTree(t) {
		permitted, err := path.Match("internal/source/*/narrow.go", f.path)
		if err != nil {
			t.Fatal(err)
		}
		name := sourceName(f.syntax)
		if name == "." {
			t.Errorf("%s imports the source package with a dot: name it, so that this test sees what is called", f.path)
		}
		ast.Inspect(f.syntax, func(node ast.Node) bool {
			selector, ok := node.(*ast.SelectorExpr)
			if !ok || selector.Sel.Name != "NewNarrowed" {
				return true
			}
			if x, ok := selector.X.(*ast.Ident); !ok || x.Name != name || name == "" {
				return true
			}
			made++
			if !permitted {
				t.Errorf("%s makes a source.Narrowed: only an engine's narrow.go may, after it has applied the decisions", f.path)
			}
			return true
		})
		if f.folder == "internal/source" {
			ast.Inspect(f.syntax, func(node ast.Node) bool {
				if call, ok := node.(*ast.CallExpr); ok {
					if called, ok := call.Fun.(*ast.Ident); ok && called.Name == "NewNarrowed" {
						t.Errorf("%s calls NewNarrowed: only an engine's narrow.go may", f.path)
					}
				}
				return true
			})
		}
	}
	if made == 0 {
		t.Error("no engine makes a source.Narrowed: this test looks at the wrong thing")
	}
}

// sourceName is the name under which a file knows the source package.
func sourceName(syntax *ast.File) string {
	for _, spec := range syntax.Imports {
		if strings.Trim(spec.Path.Value, `"`) == module+"/internal/source" {
			if spec.Name != nil {
				return spec.Name.Name
			}
			return "source"
		}
	}
	return ""
}
