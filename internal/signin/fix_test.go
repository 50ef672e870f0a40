package signin_test

import (
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin"
)

// TestFix_saysWhatToDo holds every code that a sign-in by token can end with to
// a sentence of its own.
func TestFix_saysWhatToDo(t *testing.T) {
	// Codes of requests, queries, sessions and other protocols.
	elsewhere := map[oriel.Code]bool{}
	for _, code := range []oriel.Code{
		oriel.CodeRedirectNotAllowed, oriel.CodeSessionInvalid, oriel.CodeSessionExpired, oriel.CodeSessionRevoked,
		oriel.CodeOriginMismatch, oriel.CodeScopeDenied,
		oriel.CodeAPIKeyInvalid, oriel.CodeAPIKeyExpired,
		oriel.CodeAPIKeyNotForProduction, oriel.CodeInvalidRequest, oriel.CodeNotAuthenticated, oriel.CodeForbidden,
		oriel.CodeNotFound, oriel.CodeConflict, oriel.CodeTooLarge, oriel.CodeQueryRefused,
		oriel.CodeQueryFailed, oriel.CodeSourceUnavailable, oriel.CodeInternal,
	} {
		elsewhere[code] = true
	}
	said := map[string]oriel.Code{}
	for _, code := range oriel.Codes() {
		fix := signin.Fix(code)
		if other, twice := said[fix]; twice {
			t.Errorf("%s and %s have the same fix", code, other)
		}
		said[fix] = code
		if strings.Contains(fix, "docs/errors/") != elsewhere[code] {
			t.Errorf("%s: %q", code, fix)
		}
	}
}
