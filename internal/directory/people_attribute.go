package directory

import (
	"unicode/utf8"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// What an attribute that is set by hand may be: as much as a token may bring.
const (
	mostAttributeName  = 63
	mostAttributeBytes = 4096
	mostListItems      = 500
)

// checkAttributes refuses names that no policy could write, and values that no
// token could bring.
func checkAttributes(c oriel.AttributeChange) error {
	for name, value := range c {
		if !isAttributeName(name) {
			return oriel.WrongField("attributes", "An attribute's name has letters, digits and _, at most 63 of them, and does not begin with a digit.")
		}
		if value == nil {
			continue
		}
		size := 0
		for _, text := range value.Values {
			size += len(text)
			if !utf8.ValidString(text) {
				return oriel.WrongField("attributes", "An attribute's value is UTF-8.")
			}
		}
		if size > mostAttributeBytes || len(value.Values) > mostListItems {
			return oriel.WrongField("attributes", "An attribute has at most 500 values, and 4,096 bytes in all.")
		}
	}
	return nil
}

func isAttributeName(name string) bool {
	if name == "" || len(name) > mostAttributeName || name[0] >= '0' && name[0] <= '9' {
		return false
	}
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return true
}

// AttributeSource is where the value of an attribute comes from.
type AttributeSource string

// The sources; each wins over the next (access contract §1).
const (
	FromAdministrator AttributeSource = "administrator"
	FromSignIn        AttributeSource = "sign_in"
	FromTenant        AttributeSource = "tenant"
)

// EffectiveAttribute is a value that policies read. Sign-ins of several
// providers may each bring another: a session sees that of its own.
type EffectiveAttribute struct {
	Name     string
	Value    oriel.AttributeValue
	From     AttributeSource
	Provider string // id; of a sign-in
}
