package access

import (
	"unicode/utf8"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// operand is one side of a comparison.
type operand struct {
	at     int
	column *oriel.SourceColumn
	read   reader // nil for a column
	// constant is what a constant was written as; its kind limits which types
	// it may be read as.
	constant token
	name     string // "user.attr.airport", for explanations
	// attribute is the user's, tenant the tenant's own, if it is one of those.
	attribute, tenant string
}

// reader gives the texts of an operand for a principal: one for a single
// value, any number for a list. Not ok: missing or empty.
type reader func(p oriel.Principal) (values []string, list, ok bool)

// attribute reads an attribute: of the user's, or of the tenant's own.
func attribute(name string, of func(oriel.User) oriel.Attributes) reader {
	return func(p oriel.Principal) ([]string, bool, bool) {
		value, found := of(p.User())[name]
		if !found {
			return nil, false, false
		}
		return value.Values, value.List, sound(value.Values) && (value.List || len(value.Values) == 1)
	}
}

// one reads a single text of the user; empty counts as missing.
func one(of func(oriel.User) string) reader {
	return func(p oriel.Principal) ([]string, bool, bool) {
		values := []string{of(p.User())}
		return values, false, sound(values)
	}
}

// userGroups reads user.groups.
func userGroups(p oriel.Principal) ([]string, bool, bool) {
	groups := p.User().Groups
	values := make([]string, len(groups))
	for i, g := range groups {
		values[i] = string(g)
	}
	return values, true, sound(values)
}

// sound is false for values of which none can be compared: none at all, an
// empty one, or one that no engine could hold as a text.
func sound(values []string) bool {
	for _, v := range values {
		if v == "" || !utf8.ValidString(v) {
			return false
		}
		for i := range len(v) {
			if v[i] == 0 {
				return false
			}
		}
	}
	return len(values) > 0
}

// scalars reads the operand's values as the type. Not ok: a value is missing,
// empty or not of that type; or a list where one is wanted.
func (o operand) scalars(p oriel.Principal, as oriel.ColumnType, allowList bool) ([]oriel.Scalar, bool) {
	texts := []string{o.constant.text}
	if o.read != nil {
		values, list, ok := o.read(p)
		if !ok || (list && !allowList) {
			return nil, false
		}
		texts = values
	}
	result := make([]oriel.Scalar, 0, len(texts))
	for _, text := range texts {
		scalar, ok := parseScalar(text, as)
		if !ok {
			return nil, false
		}
		result = append(result, scalar)
	}
	return result, true
}

// fits checks, when the policy is saved, that the operand can have the type.
func (o operand) fits(as oriel.ColumnType) error {
	if o.read != nil {
		return nil // known per request only
	}
	if len(as) == 0 || o.kindFits(as) {
		if _, ok := parseScalar(o.constant.text, as); ok || len(as) == 0 {
			return nil
		}
	}
	return mistake(o.at, "%s is not of the type %s", o.constant, as)
}

func (o operand) kindFits(as oriel.ColumnType) bool {
	switch o.constant.kind {
	case tokenText:
		return as == oriel.TypeText || as == oriel.TypeDate || as == oriel.TypeTimestamp
	case tokenNumber:
		return as == oriel.TypeInteger || as == oriel.TypeInteger64 || as == oriel.TypeNumber || as == oriel.TypeDecimal
	}
	return as == oriel.TypeBoolean
}

// kind is the type of a constant that stands beside no column; empty for a
// value of the principal, which takes the other operand's.
func (o operand) kind() oriel.ColumnType {
	switch {
	case o.read != nil:
		return ""
	case o.constant.kind == tokenText:
		return oriel.TypeText
	case o.constant.kind == tokenNumber:
		return oriel.TypeNumber
	}
	return oriel.TypeBoolean
}
