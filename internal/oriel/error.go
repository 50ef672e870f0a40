package oriel

import (
	"errors"
	"fmt"
	"time"
)

// Code names one way in which something fails. The list is closed: it is
// section 9 of the sign-in contract. The HTTP edge maps each to one status.
type Code string

// The codes of the contract, section 9.
const (
	CodeSSONotConfigured       Code = "sso_not_configured"
	CodeEmbeddingDisabled      Code = "embedding_disabled"
	CodeAuthMethodUnavailable  Code = "auth_method_unavailable"
	CodeProviderAmbiguous      Code = "provider_ambiguous"
	CodeProviderUnknown        Code = "provider_unknown"
	CodeOriginNotAllowed       Code = "origin_not_allowed"
	CodeRedirectNotAllowed     Code = "redirect_not_allowed"
	CodeTokenMalformed         Code = "token_malformed"
	CodeTokenSignature         Code = "token_signature"
	CodeTokenKeyUnknown        Code = "token_key_unknown"
	CodeTokenExpired           Code = "token_expired"
	CodeTokenTooOld            Code = "token_too_old"
	CodeTokenNotYetValid       Code = "token_not_yet_valid"
	CodeTokenLifetime          Code = "token_lifetime"
	CodeTokenReplayed          Code = "token_replayed"
	CodeAudienceMismatch       Code = "audience_mismatch"
	CodeIssuerMismatch         Code = "issuer_mismatch"
	CodeAlgorithmNotAllowed    Code = "algorithm_not_allowed"
	CodeClaimMissing           Code = "claim_missing"
	CodeClaimInvalid           Code = "claim_invalid"
	CodeUserNotProvisioned     Code = "user_not_provisioned"
	CodeUserDeactivated        Code = "user_deactivated"
	CodeTenantMismatch         Code = "tenant_mismatch"
	CodeTenantRequired         Code = "tenant_required"
	CodeTenantDeactivated      Code = "tenant_deactivated"
	CodeTenantUnknown          Code = "tenant_unknown"
	CodeAccountNotLinkable     Code = "account_not_linkable"
	CodeSessionInvalid         Code = "session_invalid"
	CodeSessionExpired         Code = "session_expired"
	CodeSessionRevoked         Code = "session_revoked"
	CodeOriginMismatch         Code = "origin_mismatch"
	CodeScopeDenied            Code = "scope_denied"
	CodeSAMLResponseInvalid    Code = "saml_response_invalid"
	CodeSAMLNotRequested       Code = "saml_not_requested"
	CodeSAMLReplayed           Code = "saml_replayed"
	CodeIdPRefused             Code = "idp_refused"
	CodeCodeInvalid            Code = "code_invalid"
	CodeRateLimited            Code = "rate_limited"
	CodeKeysUnavailable        Code = "keys_unavailable"
	CodeAPIKeyInvalid          Code = "api_key_invalid"
	CodeAPIKeyExpired          Code = "api_key_expired"
	CodeAPIKeyNotForProduction Code = "api_key_not_for_production"
	CodeInvalidRequest         Code = "invalid_request"
	CodeNotAuthenticated       Code = "not_authenticated"
	CodeForbidden              Code = "forbidden"
	CodeCrossSiteRequest       Code = "cross_site_request"
	CodeLogoutRequestInvalid   Code = "logout_request_invalid"
	CodeNotFound               Code = "not_found"
	CodeConflict               Code = "conflict"
	CodeTooLarge               Code = "too_large"
	CodeQueryRefused           Code = "query_refused"
	CodeQueryFailed            Code = "query_failed"
	CodeSourceUnavailable      Code = "source_unavailable"
	CodeStoreUnavailable       Code = "store_unavailable"
	CodeInternal               Code = "internal"
)

// Codes lists every code of the contract, for tests that walk them all.
func Codes() []Code {
	return []Code{
		CodeSSONotConfigured, CodeEmbeddingDisabled, CodeAuthMethodUnavailable, CodeProviderAmbiguous,
		CodeProviderUnknown, CodeOriginNotAllowed, CodeRedirectNotAllowed, CodeTokenMalformed,
		CodeTokenSignature, CodeTokenKeyUnknown, CodeTokenExpired, CodeTokenTooOld, CodeTokenNotYetValid,
		CodeTokenLifetime, CodeTokenReplayed, CodeAudienceMismatch, CodeIssuerMismatch,
		CodeAlgorithmNotAllowed, CodeClaimMissing, CodeClaimInvalid, CodeUserNotProvisioned,
		CodeUserDeactivated, CodeTenantMismatch, CodeTenantRequired, CodeTenantDeactivated,
		CodeTenantUnknown, CodeAccountNotLinkable, CodeSessionInvalid, CodeSessionExpired,
		CodeSessionRevoked, CodeOriginMismatch, CodeScopeDenied, CodeSAMLResponseInvalid,
		CodeSAMLNotRequested, CodeSAMLReplayed, CodeIdPRefused, CodeCodeInvalid, CodeRateLimited,
		CodeKeysUnavailable, CodeAPIKeyInvalid, CodeAPIKeyExpired, CodeAPIKeyNotForProduction,
		CodeInvalidRequest, CodeNotAuthenticated, CodeForbidden, CodeCrossSiteRequest,
		CodeLogoutRequestInvalid, CodeNotFound, CodeConflict, CodeTooLarge, CodeQueryRefused,
		CodeQueryFailed, CodeSourceUnavailable, CodeStoreUnavailable, CodeInternal,
	}
}

// Error is a failure that keeps its code on the way to the edge.
type Error struct {
	Code Code
	// Message is safe to show to whoever made the request; it names no
	// secret, no stored value and no row. Empty: the code's own sentence.
	Message string
	// Words is what an engine said of a query, with line and column of the
	// question's text. Only who may edit the question gets an error with it.
	Words string
	// Fields names what is wrong with which field of an invalid request.
	Fields map[string]string
	// RetryAfter is how long a client must wait, for rate_limited and the codes
	// with status 503 (RFC 9110 §10.2.3). The edge tells it in whole seconds,
	// rounded up, and never less than one.
	RetryAfter time.Duration
	// Err is the cause, for the log and the sign-in record; never sent.
	Err error
}

// Error states the message, the code and the cause, for logs.
func (e *Error) Error() string {
	text := e.Message
	if text == "" {
		text = string(e.Code)
	} else {
		text += " (" + string(e.Code) + ")"
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// E makes an [Error] with a message for the person who made the request.
func E(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// CodeOf is the code that err carries; [CodeInternal] when it carries none,
// and empty when err is nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}

// MessageOf is what err says to whoever caused it, without its code.
func MessageOf(err error) string {
	var e *Error
	if errors.As(err, &e) && e.Message != "" {
		return e.Message
	}
	return err.Error()
}
