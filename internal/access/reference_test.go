package access

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// The conditions that the reference shows are ones that are taken.
func TestReference_itsConditionsAreTaken(t *testing.T) {
	content, err := os.ReadFile(filepath.Join("..", "..", "docs", "reference", "declarations.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(content), "**Conditions.**")
	_, rest, _ = strings.Cut(rest, "```sql\n")
	block, _, closed := strings.Cut(rest, "```")
	shown := strings.Split(strings.TrimSpace(block), "\n")
	if !closed || len(shown) < 5 {
		t.Fatalf("the reference shows %d conditions: this test looks at the wrong thing", len(shown))
	}
	table := oriel.SourceTable{Name: "flights", Columns: []oriel.SourceColumn{
		{Name: "departed_at", Type: oriel.TypeTimestamp}, {Name: "origin", Type: oriel.TypeText},
		{Name: "destination", Type: oriel.TypeText}, {Name: "delay_minutes", Type: oriel.TypeInteger},
	}}
	for _, condition := range shown {
		if _, err := ParseCondition(condition, oriel.Source{Tables: []oriel.SourceTable{table}}, table); err != nil {
			t.Errorf("%s: %v", condition, err)
		}
	}
}
