package main

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

func TestLog_blotsOutTokensAndAddresses(t *testing.T) {
	session := "ors_" + strings.Repeat("Zx9_", 11)
	jwt := "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJkYW5hIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ"
	var out bytes.Buffer
	log := newLog(&out, slog.LevelInfo)
	log.Error("failed for "+session, "error", errors.New("dana@example.com sent "+jwt), "group", slog.GroupValue(slog.String("x", session)))
	for _, secret := range []string{session[:20], jwt[:20], jwt[30:50], "dana@"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("the log holds %q: %s", secret, out.String())
		}
	}
	if got := redact("github.com/x/y@v1.2.3/z.go:12"); got != "github.com/x/y@v1.2.3/z.go:12" {
		t.Errorf("a module's path became %q", got)
	}
}
