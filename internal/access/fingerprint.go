package access

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"maps"
	"slices"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// fingerprint is SHA-256 over an encoding in which every part is preceded by
// its type and length, so that no two decisions share one (access §3).
func fingerprint(src oriel.Source, tables map[string]Decision) [32]byte {
	e := encoder{sha256.New()}
	e.text("oriel decisions 1")
	e.text(src.Key)
	e.text(string(src.Kind))
	e.text(src.Revision)
	e.count('T', len(tables))
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		decision := tables[name]
		e.text(name)
		e.count('C', len(decision.Columns))
		for _, c := range decision.Columns {
			e.column(c)
		}
		e.predicate(decision.Rows)
	}
	return [32]byte(e.Sum(nil))
}

// encoder writes into the hash, which never fails.
type encoder struct{ hash.Hash }

func (e encoder) count(tag byte, n int) { fmt.Fprintf(e, "%c%d:", tag, n) }

func (e encoder) text(v string) { fmt.Fprintf(e, "s%d:%s", len(v), v) }

func (e encoder) flag(v bool) { fmt.Fprintf(e, "b%t;", v) }

func (e encoder) column(c oriel.SourceColumn) {
	e.text(c.Name)
	e.text(string(c.Type))
}

func (e encoder) scalar(v oriel.Scalar) {
	e.text(string(v.Type))
	switch value := v.Value.(type) {
	case string:
		e.text(value)
	case time.Time:
		e.text(value.Format(time.RFC3339Nano))
	default: // int64, float64 and bool print exactly
		e.text(fmt.Sprintf("%T %v", value, value))
	}
}

func (e encoder) scalars(values []oriel.Scalar) {
	e.count('V', len(values))
	for _, v := range values {
		e.scalar(v)
	}
}

func (e encoder) predicates(parts []Predicate) {
	e.count('P', len(parts))
	for _, part := range parts {
		e.predicate(part)
	}
}

func (e encoder) predicate(p Predicate) {
	e.text(fmt.Sprintf("%T", p))
	switch p := p.(type) {
	case Compare:
		e.column(p.Column)
		e.text(string(p.Op))
		e.scalar(p.Value)
	case Membership:
		e.column(p.Column)
		e.flag(p.Negate)
		e.scalars(p.Values)
	case Between:
		e.column(p.Column)
		e.scalars([]oriel.Scalar{p.Low, p.High})
	case IsNull:
		e.column(p.Column)
		e.flag(p.Negate)
	case StartsWith:
		e.column(p.Column)
		e.scalar(p.Prefix)
	case All:
		e.predicates(p.Parts)
	case Any:
		e.predicates(p.Parts)
	case Not:
		e.predicate(p.Part)
	}
}
