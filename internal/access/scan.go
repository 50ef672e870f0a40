package access

import (
	"strings"
	"unicode/utf8"
)

// tokenKind tells the words of a condition apart.
type tokenKind int

const (
	tokenEnd    tokenKind = iota
	tokenWord             // a bare name or keyword, perhaps dotted: user.attr.airport
	tokenQuoted           // "a column"
	tokenText             // 'a text'
	tokenNumber
	tokenMark // = != < <= > >= ( ) , .
)

// token is one word of a condition.
type token struct {
	kind tokenKind
	text string // unquoted
	at   int    // in characters, from 1
}

// String is how an error names the token.
func (t token) String() string {
	switch t.kind {
	case tokenEnd:
		return "the end"
	case tokenText:
		return "a text"
	}
	return `"` + t.text + `"`
}

// is tells whether the token is the mark or, in any case, the keyword.
func (t token) is(word string) bool {
	switch t.kind {
	case tokenMark:
		return t.text == word
	case tokenWord:
		return strings.EqualFold(t.text, word)
	}
	return false
}

// scan splits a condition into its words; the last is always tokenEnd.
func scan(text string) ([]token, error) {
	var tokens []token
	at := 1
	for text != "" {
		var t token
		size := 1
		switch c := text[0]; {
		case strings.IndexByte(" \t\r\n", c) >= 0:
			text, at = text[1:], at+1
			continue
		case c == '\'' || c == '"':
			content, length, closed := scanQuoted(text)
			if !closed {
				return nil, mistake(at, "the quote %c is not closed", c)
			}
			t, size = token{kind: tokenText, text: content}, length
			if c == '"' {
				t.kind = tokenQuoted
			}
		case isLetter(c):
			size = spanOf(text, func(c byte) bool { return isLetter(c) || isDigit(c) || c == '.' || c == '-' })
			t = token{kind: tokenWord, text: text[:size]}
		case isDigit(c) || (c == '-' && len(text) > 1 && isDigit(text[1])):
			size = 1 + spanOf(text[1:], func(c byte) bool { return isDigit(c) || c == '.' || isLetter(c) })
			t = token{kind: tokenNumber, text: text[:size]}
		case strings.HasPrefix(text, "!=") || strings.HasPrefix(text, "<=") || strings.HasPrefix(text, ">="):
			size = 2
			t = token{kind: tokenMark, text: text[:2]}
		case strings.IndexByte("=<>(),.", c) >= 0:
			t = token{kind: tokenMark, text: text[:1]}
		default:
			r, _ := utf8.DecodeRuneInString(text)
			return nil, mistake(at, "the character %q is not expected; put texts in '…' and columns in \"…\"", r)
		}
		t.at = at
		tokens = append(tokens, t)
		at += utf8.RuneCountInString(text[:size])
		text = text[size:]
	}
	return append(tokens, token{kind: tokenEnd, at: at}), nil
}

// scanQuoted reads a quoted word at the beginning of text; a doubled quote
// stands for one. The length counts both quotes.
func scanQuoted(text string) (content string, length int, closed bool) {
	quote := text[0]
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		if text[i] != quote {
			b.WriteByte(text[i])
			continue
		}
		if i+1 < len(text) && text[i+1] == quote {
			b.WriteByte(quote)
			i++
			continue
		}
		return b.String(), i + 1, true
	}
	return "", 0, false
}

func spanOf(text string, in func(byte) bool) int {
	n := 0
	for n < len(text) && in(text[n]) {
		n++
	}
	return n
}

func isLetter(c byte) bool { return c == '_' || (c|0x20 >= 'a' && c|0x20 <= 'z') }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
