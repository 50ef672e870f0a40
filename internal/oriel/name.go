package oriel

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MostName is how many bytes a name has at most that a person gives.
const MostName = 200

var keyPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)

// IsKey tells whether a text is what a declaration has as key, or as slug.
func IsKey(text string) bool { return keyPattern.MatchString(text) }

// IsName tells whether a text is a name of at least and at most so many bytes,
// in which no terminal finds a command.
func IsName(text string, least, most int) bool {
	return len(text) >= least && len(text) <= most && utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

// WrongField is an invalid_request that says what is wrong with a field.
func WrongField(field, what string) *Error {
	return &Error{Code: CodeInvalidRequest, Message: what, Fields: map[string]string{field: what}}
}
