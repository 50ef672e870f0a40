package main

import (
	"io"
	"log/slog"
	"os"
	"regexp"

	"golang.org/x/term"
)

// newLog writes text for people and JSON for machines. Whatever looks like a
// token or an e-mail address is blotted out on the way, wherever it stood:
// nobody should write one, and this is for when somebody does.
func newLog(w io.Writer, level slog.Level) *slog.Logger {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		switch a.Value.Kind() {
		case slog.KindString:
			a.Value = slog.StringValue(redact(a.Value.String()))
		case slog.KindAny:
			if a.Key != slog.LevelKey {
				a.Value = slog.StringValue(redact(a.Value.String()))
			}
		}
		return a
	}}
	if file, ok := w.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

var (
	// Tokens of ours, and anything in the form of a JWT, whole or cut off.
	tokenLike = regexp.MustCompile(`\bor[sk]_[A-Za-z0-9_-]{8,}|\beyJ[A-Za-z0-9_-]{8,}(\.[A-Za-z0-9_-]*){0,4}`)
	// An address needs a letter at its end, so that module@v1.2.3 is none.
	emailLike = regexp.MustCompile(`[^\s@"'<>=:;,/()]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}`)
)

func redact(text string) string {
	return emailLike.ReplaceAllString(tokenLike.ReplaceAllString(text, "[token]"), "[e-mail]")
}
