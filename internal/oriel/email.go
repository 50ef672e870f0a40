package oriel

import (
	"strings"
	"unicode"
)

// maxEmail is in bytes (RFC 5321 §4.5.3.1.3, without the brackets).
const maxEmail = 254

// ParseEmail gives an e-mail address trimmed and in lower case, or tells that
// the text is none. Only ASCII is lowered: Unicode makes a k of the Kelvin
// sign, and one person of two addresses.
func ParseEmail(text string) (email string, ok bool) {
	email = strings.Map(func(c rune) rune {
		if c >= 'A' && c <= 'Z' {
			return c + 'a' - 'A'
		}
		return c
	}, strings.TrimSpace(text))
	local, domain, found := strings.Cut(email, "@")
	unprintable := strings.ContainsFunc(email, func(c rune) bool { return c == ' ' || !unicode.IsPrint(c) })
	if !found || local == "" || domain == "" || strings.Contains(domain, "@") || len(email) > maxEmail || unprintable {
		return "", false
	}
	return email, true
}
