package access

import (
	"fmt"
	"strings"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Text writes a predicate in the language of policies, to be read by a person.
// No engine is given it.
func Text(p Predicate) string {
	switch p := p.(type) {
	case True:
		return "true"
	case False:
		return "false"
	case Compare:
		return name(p.Column) + " " + string(p.Op) + " " + value(p.Value)
	case Membership:
		return name(p.Column) + not(p.Negate) + " in (" + values(p.Values) + ")"
	case Between:
		return name(p.Column) + " between " + value(p.Low) + " and " + value(p.High)
	case IsNull:
		return name(p.Column) + " is" + not(p.Negate) + " null"
	case StartsWith:
		return name(p.Column) + " starts with " + value(p.Prefix)
	case Lookup:
		where := ""
		if p.Where != (True{}) {
			where = " where " + Text(p.Where)
		}
		return name(p.Column) + not(p.Negate) + " in (lookup " + quotedName(p.Table) + "." + name(p.Key) + where + ")"
	case All:
		return joined(p.Parts, " and ")
	case Any:
		return joined(p.Parts, " or ")
	case Not:
		return "not (" + Text(p.Part) + ")"
	}
	return fmt.Sprintf("(%T)", p)
}

func not(negate bool) string {
	if negate {
		return " not"
	}
	return ""
}

func joined(parts []Predicate, word string) string {
	texts := make([]string, len(parts))
	for i, part := range parts {
		texts[i] = "(" + Text(part) + ")"
	}
	return strings.Join(texts, word)
}

func name(c oriel.SourceColumn) string { return quotedName(c.Name) }

func quotedName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func values(scalars []oriel.Scalar) string {
	texts := make([]string, len(scalars))
	for i, s := range scalars {
		texts[i] = value(s)
	}
	return strings.Join(texts, ", ")
}

func value(s oriel.Scalar) string {
	switch v := s.Value.(type) {
	case string:
		if s.Type == oriel.TypeDecimal {
			return v
		}
		return "'" + strings.ReplaceAll(v, "'", "''") + "'"
	case time.Time:
		if s.Type == oriel.TypeDate {
			return "date '" + v.Format("2006-01-02") + "'"
		}
		return "timestamp '" + v.Format("2006-01-02T15:04:05") + "'"
	}
	return fmt.Sprint(s.Value)
}
