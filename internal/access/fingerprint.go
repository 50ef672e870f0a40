package access

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// fingerprint is SHA-256 over the encoding, in which every part is preceded by
// its type and length, so that no two decisions share one (access §3).
func (d Decisions) fingerprint() [32]byte {
	var e encoder
	e.decisions(d)
	return sha256.Sum256(e.Bytes())
}

// encoder writes so that it could be read again: two different inputs never
// have the same encoding.
type encoder struct{ bytes.Buffer }

func (e *encoder) decisions(d Decisions) {
	e.text("oriel decisions 3")
	e.text(d.Source.Key)
	e.text(string(d.Source.Kind))
	e.text(d.Source.Revision)
	hashed := false
	for tag, decisions := range []map[string]Decision{d.Tables, d.Models} {
		e.count("TM"[tag], len(decisions))
		for _, name := range slices.Sorted(maps.Keys(decisions)) {
			decision := decisions[name]
			e.text(name)
			e.text(decision.Table.Source)
			e.text(decision.Table.Table)
			e.count('C', len(decision.Columns))
			for _, c := range decision.Columns {
				e.column(c.SourceColumn)
				e.text(string(c.Mask))
				hashed = hashed || c.Mask == oriel.MaskHash
			}
			e.predicate(decision.Rows)
		}
	}
	if e.flag(hashed); hashed {
		e.text(string(d.Source.MaskKey))
	}
	e.native(d.Native)
}

func (e *encoder) count(tag byte, n int) {
	e.WriteByte(tag)
	e.WriteString(strconv.Itoa(n))
	e.WriteByte(':')
}

func (e *encoder) text(v string) {
	e.count('s', len(v))
	e.WriteString(v)
}

func (e *encoder) flag(v bool) {
	if v {
		e.WriteString("b1")
		return
	}
	e.WriteString("b0")
}

func (e *encoder) column(c oriel.SourceColumn) {
	e.text(c.Name)
	e.text(string(c.Type))
}

// scalar tells Go types apart too: a value is what an engine would bind.
func (e *encoder) scalar(v oriel.Scalar) {
	e.text(string(v.Type))
	switch value := v.Value.(type) {
	case string:
		e.WriteByte('t')
		e.text(value)
	case time.Time:
		e.WriteByte('m')
		e.text(value.UTC().Format(time.RFC3339Nano))
	default: // int64, float64 and bool print exactly
		e.WriteByte('v')
		e.text(fmt.Sprintf("%T %v", value, value))
	}
}

func (e *encoder) scalars(values []oriel.Scalar) {
	e.count('V', len(values))
	for _, v := range values {
		e.scalar(v)
	}
}

func (e *encoder) predicates(parts []Predicate) {
	e.count('P', len(parts))
	for _, part := range parts {
		e.predicate(part)
	}
}

func (e *encoder) predicate(p Predicate) {
	switch p := p.(type) {
	case True:
		e.WriteByte('1')
	case False:
		e.WriteByte('0')
	case Compare:
		e.WriteByte('c')
		e.column(p.Column)
		e.text(string(p.Op))
		e.scalar(p.Value)
	case Membership:
		e.WriteByte('m')
		e.column(p.Column)
		e.flag(p.Negate)
		e.scalars(p.Values)
	case Between:
		e.WriteByte('b')
		e.column(p.Column)
		e.scalar(p.Low)
		e.scalar(p.High)
	case IsNull:
		e.WriteByte('n')
		e.column(p.Column)
		e.flag(p.Negate)
	case StartsWith:
		e.WriteByte('s')
		e.column(p.Column)
		e.scalar(p.Prefix)
	case Lookup:
		e.WriteByte('l')
		e.column(p.Column)
		e.text(p.Table)
		e.column(p.Key)
		e.flag(p.Negate)
		e.predicate(p.Where)
	case All:
		e.WriteByte('A')
		e.predicates(p.Parts)
	case Any:
		e.WriteByte('O')
		e.predicates(p.Parts)
	case Not:
		e.WriteByte('N')
		e.predicate(p.Part)
	default: // none of ours: every engine refuses it
		e.WriteByte('?')
		e.text(fmt.Sprintf("%T", p))
	}
}
