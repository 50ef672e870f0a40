package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// problemPages is where the page of each code is; RFC 9457 §3.1.1.
const problemPages = "https://github.com/oriel-bi/oriel/blob/main/docs/errors/"

// told says how much of an error leaves the process.
type told int

const (
	// codeOnly: the code's own sentence. Refusals of a sign-in say no more
	// than their code (§7), and a driver's words are nobody's but the log's.
	codeOnly told = iota
	// message: what the error says for whoever made the request.
	message
)

// wording is how a code is told.
type wording struct {
	status int
	title  string
	detail string // when the error brings no message of its own, or may not
	told   told
	// clock adds server_time, so that a client can measure its skew.
	clock bool
}

// wordingOf maps every code of the contract (§9) to its problem. A code that is
// not here is a fault of ours.
func wordingOf(code oriel.Code) (wording, bool) {
	const (
		bad, unauthorized, forbidden   = http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden
		notFound, conflict, tooLarge   = http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge
		unprocessable, tooMany         = http.StatusUnprocessableEntity, http.StatusTooManyRequests
		unavailable, internal          = http.StatusServiceUnavailable, http.StatusInternalServerError
		refusedToken, refusedAssertion = "The host's token was refused", "The identity provider's answer was refused"
	)
	switch code {
	case oriel.CodeSSONotConfigured:
		return wording{bad, "Sign-in is not set up", "This site has no provider that is on and has a key and a sign-in address.", codeOnly, false}, true
	case oriel.CodeEmbeddingDisabled:
		return wording{forbidden, "Embedding is off", "This kind of embedding is switched off on this site.", message, false}, true
	case oriel.CodeAuthMethodUnavailable:
		return wording{bad, "This way of signing in is not available", "The sign-in method that was asked for is off or unknown on this site.", codeOnly, false}, true
	case oriel.CodeProviderAmbiguous:
		return wording{bad, "Which provider is not clear", "Several providers could be meant; name one as provider.", codeOnly, false}, true
	case oriel.CodeProviderUnknown:
		return wording{bad, "The provider is not known", "This site has no provider of that name.", codeOnly, false}, true
	case oriel.CodeOriginNotAllowed:
		return wording{forbidden, "This page's origin is not allowed", "The origin of the page is not among the authorized origins of this site.", codeOnly, false}, true
	case oriel.CodeRedirectNotAllowed:
		return wording{bad, "The return address is not allowed", "The return address must be a path on this site.", codeOnly, false}, true
	case oriel.CodeTokenMalformed:
		return wording{unauthorized, refusedToken, "The token is not a well-formed host token.", codeOnly, false}, true
	case oriel.CodeTokenSignature:
		return wording{unauthorized, refusedToken, "The token's signature does not fit the provider's key.", codeOnly, false}, true
	case oriel.CodeTokenKeyUnknown:
		return wording{unauthorized, refusedToken, "The token names a key that this site does not know.", codeOnly, false}, true
	case oriel.CodeTokenExpired:
		return wording{unauthorized, refusedToken, "The token has expired.", codeOnly, true}, true
	case oriel.CodeTokenTooOld:
		return wording{unauthorized, refusedToken, "The token was issued too long ago.", codeOnly, true}, true
	case oriel.CodeTokenNotYetValid:
		return wording{unauthorized, refusedToken, "The token is not valid yet; compare the clocks of the host and of this site.", codeOnly, true}, true
	case oriel.CodeTokenLifetime:
		return wording{unauthorized, refusedToken, "The token's lifetime is not one that this site accepts.", codeOnly, true}, true
	case oriel.CodeTokenReplayed:
		return wording{unauthorized, refusedToken, "The token was used before.", codeOnly, false}, true
	case oriel.CodeAudienceMismatch:
		return wording{unauthorized, refusedToken, "The token is for another audience.", codeOnly, false}, true
	case oriel.CodeIssuerMismatch:
		return wording{unauthorized, refusedToken, "The token is from another issuer.", codeOnly, false}, true
	case oriel.CodeAlgorithmNotAllowed:
		return wording{unauthorized, refusedToken, "The token's algorithm is not the one that the key is for.", codeOnly, false}, true
	case oriel.CodeClaimMissing:
		return wording{unauthorized, refusedToken, "The token lacks a claim.", message, false}, true
	case oriel.CodeClaimInvalid:
		return wording{unauthorized, refusedToken, "A claim of the token has a value that cannot be used.", codeOnly, false}, true
	case oriel.CodeUserNotProvisioned:
		return wording{forbidden, "This user is not known here", "This site does not make users at sign-in.", codeOnly, false}, true
	case oriel.CodeUserDeactivated:
		return wording{forbidden, "This user is deactivated", "An administrator of this site has deactivated this user.", codeOnly, false}, true
	case oriel.CodeTenantMismatch:
		return wording{forbidden, "The tenant does not fit", "This user does not sign in to that tenant.", codeOnly, false}, true
	case oriel.CodeTenantRequired:
		return wording{forbidden, "The tenant is missing", "This user signs in with a tenant.", codeOnly, false}, true
	case oriel.CodeTenantDeactivated:
		return wording{forbidden, "The tenant is deactivated", "An administrator of this site has deactivated this tenant.", codeOnly, false}, true
	case oriel.CodeTenantUnknown:
		return wording{forbidden, "The tenant is not known", "This site does not make tenants at sign-in.", codeOnly, false}, true
	case oriel.CodeAccountNotLinkable:
		return wording{forbidden, "This identity cannot be linked", "The e-mail address belongs to a user whom this provider may not sign in.", codeOnly, false}, true
	case oriel.CodeSessionInvalid:
		return wording{unauthorized, "The session is not valid", "The session token is not one of this site.", codeOnly, false}, true
	case oriel.CodeSessionExpired:
		return wording{unauthorized, "The session has expired", "Sign in again.", codeOnly, true}, true
	case oriel.CodeSessionRevoked:
		return wording{unauthorized, "The session was ended", "Sign in again.", codeOnly, false}, true
	case oriel.CodeOriginMismatch:
		return wording{forbidden, "The session belongs to another page", "The session may be used only from the origin that it was made for.", codeOnly, false}, true
	case oriel.CodeScopeDenied:
		return wording{forbidden, "This session may not do that", "This kind of session does not reach this part of the API.", codeOnly, false}, true
	case oriel.CodeSAMLResponseInvalid:
		return wording{unauthorized, refusedAssertion, "The SAML response is not valid.", codeOnly, false}, true
	case oriel.CodeSAMLNotRequested:
		return wording{unauthorized, refusedAssertion, "The SAML response answers no request of this browser.", codeOnly, false}, true
	case oriel.CodeSAMLReplayed:
		return wording{unauthorized, refusedAssertion, "The SAML response was used before.", codeOnly, false}, true
	case oriel.CodeIdPRefused:
		return wording{unauthorized, refusedAssertion, "The identity provider refused the sign-in.", codeOnly, false}, true
	case oriel.CodeCodeInvalid:
		return wording{unauthorized, "The sign-in code is not valid", "The code is unknown, used or expired.", codeOnly, false}, true
	case oriel.CodeRateLimited:
		return wording{tooMany, "Too many requests", "Wait for as long as Retry-After says, and try again.", codeOnly, false}, true
	case oriel.CodeKeysUnavailable:
		return wording{unavailable, "The provider's keys cannot be had", "The provider's keys cannot be fetched now; try again.", codeOnly, false}, true
	case oriel.CodeAPIKeyInvalid:
		return wording{unauthorized, "The API key is not valid", "The API key is not one of this site.", codeOnly, false}, true
	case oriel.CodeAPIKeyExpired:
		return wording{unauthorized, "The API key has expired", "Ask an administrator of this site for a new one.", codeOnly, false}, true
	case oriel.CodeAPIKeyNotForProduction:
		return wording{forbidden, "API keys are for development", "Embedding with an API key works in dev mode on loopback only.", codeOnly, false}, true
	case oriel.CodeInvalidRequest:
		return wording{bad, "The request is not valid", "Something in the request is not as the API describes it.", message, false}, true
	case oriel.CodeNotAuthenticated:
		return wording{unauthorized, "Nobody is signed in", "Send a session token as Authorization: Bearer.", codeOnly, false}, true
	case oriel.CodeForbidden:
		return wording{forbidden, "This is not permitted", "You may see this, but not do that with it.", message, false}, true
	case oriel.CodeCrossSiteRequest:
		return wording{forbidden, "A foreign page made this request", "The request came from another site.", codeOnly, false}, true
	case oriel.CodeLogoutRequestInvalid:
		return wording{forbidden, "The sign-out request is not valid", "The sign-out request was refused.", codeOnly, false}, true
	case oriel.CodeNotFound:
		return wording{notFound, "There is no such thing", "It does not exist, or you may not see it.", codeOnly, false}, true
	case oriel.CodeConflict:
		return wording{conflict, "It has changed meanwhile", "Read it again, and repeat the change.", message, false}, true
	case oriel.CodeTooLarge:
		return wording{tooLarge, "The request is too large", "The request is larger than this part of the API accepts.", message, false}, true
	case oriel.CodeQueryRefused:
		return wording{unprocessable, "This chart can't be shown", "Tell whoever made the chart the reference.", codeOnly, false}, true
	case oriel.CodeQueryFailed:
		return wording{unprocessable, "This chart can't be shown", "Tell whoever made the chart the reference.", codeOnly, false}, true
	case oriel.CodeSourceUnavailable:
		return wording{unavailable, "The data cannot be reached", "The data source does not answer now; try again.", codeOnly, false}, true
	case oriel.CodeStoreUnavailable:
		return wording{unavailable, "Oriel cannot answer now", "Try again in a moment.", codeOnly, false}, true
	case oriel.CodeInternal:
		return wording{internal, "Something went wrong in Oriel", "Tell an administrator of this site the reference.", codeOnly, false}, true
	}
	return wording{}, false
}

// problemOf tells err to whoever made the request: its code, the sentence that
// it may tell, and its fields when the request itself is at fault.
func problemOf(err error, reference string, now time.Time) Problem {
	code := codeOf(err)
	a, known := wordingOf(code)
	if !known {
		code = oriel.CodeInternal
		a, _ = wordingOf(code)
	}
	p := Problem{Type: problemPages + string(code) + ".md", Title: a.title, Status: a.status, Detail: a.detail, Code: string(code), RequestID: reference}
	var e *oriel.Error
	if a.told == message && errors.As(err, &e) {
		if e.Message != "" {
			p.Detail = e.Message
		}
		if code == oriel.CodeInvalidRequest || code == oriel.CodeTooLarge || code == oriel.CodeClaimMissing {
			p.Fields = e.Fields
		}
	}
	// Set for those alone who may edit the question (access §2).
	if (code == oriel.CodeQueryRefused || code == oriel.CodeQueryFailed) && errors.As(err, &e) {
		p.Words = e.Words
	}
	if a.clock {
		p.ServerTime = now.Unix()
	}
	return p
}

// codeOf is the code of err at the edge. A query that ran out of the time that
// it had failed; that is not a fault of ours.
func codeOf(err error) oriel.Code {
	code := oriel.CodeOf(err)
	if code == oriel.CodeInternal && errors.Is(err, context.DeadlineExceeded) {
		return oriel.CodeQueryFailed
	}
	return code
}

// retryAfter is how long a client must wait by what err says, in whole seconds
// and at least one: rounded down, it would come back too early.
func retryAfter(err error) string {
	wait := time.Second
	var e *oriel.Error
	if errors.As(err, &e) && e.RetryAfter > wait {
		wait = e.RetryAfter
	}
	seconds := (wait-1)/time.Second + 1
	return strconv.FormatInt(int64(seconds), 10)
}

// writeProblem answers with the problem of err.
func writeProblem(w http.ResponseWriter, p Problem, err error) {
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	switch p.Status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", "Bearer")
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		h.Set("Retry-After", retryAfter(err))
	}
	body, failure := json.Marshal(p)
	if failure != nil { // strings and numbers only: it cannot be
		body = []byte("{}")
	}
	w.WriteHeader(p.Status)
	// The client went away, or it reads the answer: neither changes anything.
	_, _ = w.Write(body)
}
