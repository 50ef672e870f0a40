package access

import (
	"cmp"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Resolve puts the principal's values into a condition. It is false when one is
// missing, empty or of the wrong type: then the policy lets no row through.
func (c Condition) Resolve(p oriel.Principal) (Predicate, bool) { return c.resolve(p) }

// Holds tells whether a predicate is true of a row, which is given by column; nil
// is NULL, and unknown is not true. It is for results that are at hand, as in
// tests of policies: rows of a source are never filtered here. Not ok: the
// predicate looks up another table.
func Holds(p Predicate, row map[string]*oriel.Scalar) (holds, ok bool) {
	t := evaluation{row: row, ok: true}
	return t.of(p) == yes, t.ok
}

// truth is SQL's.
type truth int

const (
	no truth = iota
	unknown
	yes
)

type evaluation struct {
	row map[string]*oriel.Scalar
	ok  bool
}

func truthOf(v bool) truth {
	if v {
		return yes
	}
	return no
}

func (e *evaluation) of(p Predicate) truth {
	switch p := p.(type) {
	case True:
		return yes
	case False:
		return no
	case Compare:
		return e.test(p.Column, func(n func(oriel.Scalar) int) bool { return ordered(n(p.Value), p.Op) })
	case Membership:
		return e.test(p.Column, func(n func(oriel.Scalar) int) bool {
			return slices.ContainsFunc(p.Values, func(v oriel.Scalar) bool { return n(v) == 0 }) != p.Negate
		})
	case Between:
		return e.test(p.Column, func(n func(oriel.Scalar) int) bool { return n(p.Low) >= 0 && n(p.High) <= 0 })
	case IsNull:
		return truthOf((e.row[p.Column.Name] == nil) != p.Negate)
	case StartsWith:
		value := e.row[p.Column.Name]
		if value == nil {
			return unknown
		}
		text, _ := value.Value.(string)
		prefix, _ := p.Prefix.Value.(string)
		return truthOf(strings.HasPrefix(text, prefix))
	case All:
		least := yes
		for _, part := range p.Parts {
			least = min(least, e.of(part))
		}
		return least
	case Any:
		most := no
		for _, part := range p.Parts {
			most = max(most, e.of(part))
		}
		return most
	case Not:
		return yes - e.of(p.Part)
	}
	e.ok = false
	return no
}

// test compares the column's value, if there is one.
func (e *evaluation) test(column oriel.SourceColumn, holds func(func(oriel.Scalar) int) bool) truth {
	value := e.row[column.Name]
	if value == nil {
		return unknown
	}
	return truthOf(holds(func(with oriel.Scalar) int {
		n, ok := order(*value, with)
		e.ok = e.ok && ok
		return n
	}))
}

// order compares two values of one type.
func order(a, b oriel.Scalar) (n int, ok bool) {
	if a.Type == oriel.TypeDecimal && b.Type == oriel.TypeDecimal {
		x, okX := new(big.Rat).SetString(a.Value.(string))
		y, okY := new(big.Rat).SetString(b.Value.(string))
		if !okX || !okY {
			return 0, false
		}
		return x.Cmp(y), true
	}
	switch v := a.Value.(type) {
	case string:
		with, same := b.Value.(string)
		return strings.Compare(v, with), same
	case int64:
		with, same := b.Value.(int64)
		return cmp.Compare(v, with), same
	case float64:
		with, same := b.Value.(float64)
		return cmp.Compare(v, with), same
	case time.Time:
		with, same := b.Value.(time.Time)
		return v.Compare(with), same
	case bool:
		with, same := b.Value.(bool)
		if v == with {
			return 0, same
		}
		return 1, same
	}
	return 0, false
}

func ordered(n int, op Operator) bool {
	switch op {
	case Equal:
		return n == 0
	case NotEqual:
		return n != 0
	case Less:
		return n < 0
	case LessOrEqual:
		return n <= 0
	case Greater:
		return n > 0
	case GreaterOrEqual:
		return n >= 0
	}
	return false
}
