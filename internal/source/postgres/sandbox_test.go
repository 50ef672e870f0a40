//go:build !race

package postgres

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/wasilibs/go-pgquery/parser"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// overflow gives the parser what nothing has bounded, and tells what it made of
// the known text then.
func overflow(text string) (tree string) {
	defer func() {
		if crash := recover(); crash != nil {
			tree = "crashed"
		}
	}()
	_, _ = parser.ParseToProtobuf(text) // whatever it says
	encoded, err := parser.ParseToProtobuf(knownText)
	if err != nil {
		return err.Error()
	}
	sum := sha256.Sum256(encoded)
	return hex.EncodeToString(sum[:])
}

func TestSandbox_knowsTheKnownText(t *testing.T) {
	forgetSandboxes()
	if got := overflow("select 1"); got != knownTree {
		t.Errorf("the library's answer has changed: look at what, then write %s", got)
	}
	if sandboxes.Len() != 1 {
		t.Errorf("the library keeps its sandboxes elsewhere: %d are here", sandboxes.Len())
	}
}

// Without the scan it overwrites the parser's data, and without a new sandbox
// every later text would be read wrongly.
func TestSandbox_isMadeAnewAfterAStackThatOverflowed(t *testing.T) {
	text := "select " + strings.Repeat("1+", 8000) + "1"
	if _, err := read(text); oriel.CodeOf(err) != oriel.CodeQueryRefused {
		t.Fatalf("the scan lets it through: %v", err)
	}
	if got := overflow(text); got == knownTree {
		t.Fatal("the parser bears it: the scan may have become needless")
	}
	x := newTexts()
	statement, err := x.parse("select origin from flights where n > 1 and origin like 'D%'")
	if err != nil || len(statement.tables) != 1 || statement.tables[0].name != "flights" {
		t.Errorf("%v, %v", statement.tables, err)
	}
	if got := overflow("select 1"); got != knownTree {
		t.Errorf("it still reads the known text as %s", got)
	}
}

func TestSandbox_isMadeAnewAfterACrash(t *testing.T) {
	before := sandboxes.Front()
	if err := sandboxed(func() error { panic("wasm error: unreachable") }); !errors.Is(err, errCrashed) {
		t.Errorf("%v", err)
	}
	if sandboxes.Len() != 0 {
		t.Errorf("%d sandboxes are kept", sandboxes.Len())
	}
	x := newTexts()
	if _, err := x.parse("select 1"); err != nil {
		t.Error(err)
	}
	if sandboxes.Front() == before {
		t.Error("the one that crashed was asked again")
	}
}
