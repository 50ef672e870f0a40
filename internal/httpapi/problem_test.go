package httpapi

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// contract is the table of the sign-in contract, section 9.
const contract = `
sso_not_configured 400
embedding_disabled 403
auth_method_unavailable 400
provider_ambiguous provider_unknown 400
origin_not_allowed 403
redirect_not_allowed 400
token_malformed 401
token_signature 401
token_key_unknown 401
token_expired 401
token_too_old token_not_yet_valid token_lifetime 401
token_replayed 401
audience_mismatch issuer_mismatch 401
algorithm_not_allowed 401
api_key_invalid api_key_expired 401
invalid_request 400
forbidden cross_site_request logout_request_invalid 403
query_refused query_failed 422
internal 500
claim_missing 401
claim_invalid 401
user_not_provisioned 403
user_deactivated 403
tenant_mismatch tenant_required tenant_deactivated tenant_unknown 403
account_not_linkable 403
session_invalid session_expired session_revoked 401
origin_mismatch scope_denied 403
saml_response_invalid 401
saml_not_requested saml_replayed 401
idp_refused 401
code_invalid 401
rate_limited 429
keys_unavailable 503
api_key_not_for_production 403
not_authenticated 401
not_found 404
conflict 409
too_large 413
source_unavailable store_unavailable 503
`

func TestProblem_everyCodeHasTheStatusOfTheContract(t *testing.T) {
	want := map[oriel.Code]string{}
	for _, line := range strings.Split(strings.TrimSpace(contract), "\n") {
		words := strings.Fields(line)
		for _, code := range words[:len(words)-1] {
			want[oriel.Code(code)] = words[len(words)-1]
		}
	}
	statuses := map[string]int{"400": 400, "401": 401, "403": 403, "404": 404, "409": 409, "413": 413, "422": 422, "429": 429, "500": 500, "503": 503}
	for _, code := range oriel.Codes() {
		a, known := wordingOf(code)
		switch {
		case !known:
			t.Errorf("%s has no answer", code)
		case a.status != statuses[want[code]]:
			t.Errorf("%s answers %d, the contract says %s", code, a.status, want[code])
		case a.title == "" || a.detail == "" || !strings.HasSuffix(a.detail, "."):
			t.Errorf("%s has no title, or no sentence as its detail", code)
		}
		delete(want, code)
	}
	for code := range want {
		t.Errorf("the vocabulary lacks %s", code)
	}
}

func TestProblem_refusalsSayNoMoreThanTheirCode(t *testing.T) {
	const hidden = "dana@example.com of the tenant apron"
	for _, code := range oriel.Codes() {
		err := &oriel.Error{Code: code, Err: errors.New(hidden)}
		if p := problemOf(err, "XK7-4QF", time.Now()); strings.Contains(p.Detail, hidden) {
			t.Errorf("%s tells its cause", code)
		}
		switch code {
		case oriel.CodeInvalidRequest, oriel.CodeTooLarge, oriel.CodeForbidden, oriel.CodeConflict, oriel.CodeEmbeddingDisabled, oriel.CodeClaimMissing:
			continue
		}
		err = &oriel.Error{Code: code, Message: hidden, Fields: map[string]string{"x": hidden}}
		if p := problemOf(err, "XK7-4QF", time.Now()); strings.Contains(p.Detail, hidden) || p.Fields != nil {
			t.Errorf("%s tells more than its code", code)
		}
	}
}

func TestProblem_tellsTheWordsOfAQueryOnlyWhereTheyAreGiven(t *testing.T) {
	cause := errors.New("secret")
	for _, code := range oriel.Codes() {
		p := problemOf(fmt.Errorf("run: %w", &oriel.Error{Code: code, Message: "m", Words: "line 1, column 8: no such column", Err: cause}), "XK7-4QF", time.Now())
		isQuery := code == oriel.CodeQueryFailed || code == oriel.CodeQueryRefused
		if (p.Words != "") != isQuery {
			t.Errorf("%s: words %q", code, p.Words)
		}
		if isQuery && p.Detail != "Tell whoever made the chart the reference." {
			t.Errorf("%s: everybody reads %q", code, p.Detail)
		}
	}
	// Those deeper within are of somebody else's run.
	inner := &oriel.Error{Code: oriel.CodeQueryFailed, Words: "for an editor"}
	if p := problemOf(&oriel.Error{Code: oriel.CodeQueryFailed, Err: inner}, "XK7-4QF", time.Now()); p.Words != "" {
		t.Errorf("words from within: %q", p.Words)
	}
}

func TestProblem_unknownErrorsAreInternal(t *testing.T) {
	for _, err := range []error{errors.New("x"), &oriel.Error{Code: "made_up", Message: "x"}} {
		if p := problemOf(err, "XK7-4QF", time.Now()); p.Code != "internal" || p.Status != 500 || strings.Contains(p.Detail, "x ") {
			t.Errorf("got %+v", p)
		}
	}
}

func TestProblem_codesAboutTimeTellOurs(t *testing.T) {
	now := time.Unix(1790000000, 0)
	for _, code := range []oriel.Code{oriel.CodeTokenExpired, oriel.CodeTokenTooOld, oriel.CodeTokenNotYetValid, oriel.CodeTokenLifetime} {
		if p := problemOf(&oriel.Error{Code: code}, "", now); p.ServerTime != now.Unix() {
			t.Errorf("%s lacks server_time", code)
		}
	}
}

func TestProblem_retryAfterIsTruthful(t *testing.T) {
	for wait, want := range map[time.Duration]string{
		0: "1", -time.Second: "1", time.Millisecond: "1", time.Second: "1", time.Second + 1: "2",
		1500 * time.Millisecond: "2", 90 * time.Second: "90", 90*time.Second + time.Millisecond: "91",
	} {
		for _, code := range []oriel.Code{oriel.CodeRateLimited, oriel.CodeKeysUnavailable, oriel.CodeStoreUnavailable, oriel.CodeSourceUnavailable} {
			err := fmt.Errorf("exchange: %w", &oriel.Error{Code: code, RetryAfter: wait})
			w := httptest.NewRecorder()
			writeProblem(w, problemOf(err, "", time.Now()), err)
			if got := w.Header().Get("Retry-After"); got != want {
				t.Errorf("%s, %v: Retry-After is %q, want %q", code, wait, got, want)
			}
		}
	}
	err := &oriel.Error{Code: oriel.CodeTokenExpired, RetryAfter: time.Minute}
	w := httptest.NewRecorder()
	if writeProblem(w, problemOf(err, "", time.Now()), err); w.Header().Get("Retry-After") != "" {
		t.Error("a refusal that waiting does not change tells how long to wait")
	}
}
