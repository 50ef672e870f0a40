package oriel

import (
	"slices"
	"strconv"
	"time"
)

// CheckOutcome is how one check of a sign-in ended.
type CheckOutcome string

// The outcomes.
const (
	CheckPassed  CheckOutcome = "passed"
	CheckFailed  CheckOutcome = "failed"
	CheckSkipped CheckOutcome = "skipped"
)

// Check is one step of a sign-in, as its record tells it. Expected and
// Received never hold a token or a secret.
type Check struct {
	Name     string       `json:"name"` // key, signature, time, issuer, …
	Outcome  CheckOutcome `json:"outcome"`
	Expected string       `json:"expected,omitempty"`
	Received string       `json:"received,omitempty"`
}

// SignInRecord tells one attempt to sign in, accepted or refused (§7).
type SignInRecord struct {
	ID        int64  // its number in the store; 0 before it is kept
	Reference string // "XK7-4QF"; the problem's request_id
	At        time.Time
	Provider  string // slug, empty when none was found
	Method    string // "jwt", "saml", "renewal", or "logout"
	Origin    string
	ClientIP  string
	User      UserID // empty when unknown
	Outcome   Code   // empty: accepted
	Checks    []Check
	ClockSkew time.Duration // the signer's clock against ours; 0 when unknown
	Dropped   []string      // claims that became no attribute
	Attempts  int           // how many this record stands for; 0 reads as 1
}

// What a [SignInFilter] may name as outcome beside a code.
const (
	OutcomeAccepted = "accepted"
	OutcomeRefused  = "refused"
)

// IsOutcome tells whether the text is one that sign-in records can be asked by.
func IsOutcome(text string) bool {
	return text == OutcomeAccepted || text == OutcomeRefused || slices.Contains(Codes(), Code(text))
}

// SignInFilter narrows a listing of sign-in records; empty fields narrow nothing.
type SignInFilter struct {
	Reference string
	User      UserID
	Provider  string // slug
	Outcome   string // a code, [OutcomeAccepted] or [OutcomeRefused]
	Before    int64  // the id of the record to go on below; 0: from the newest
}

// Evidence is what verifying a token showed, also when it was refused.
type Evidence struct {
	Checks    []Check
	ClockSkew time.Duration // signer's clock minus ours, from iat; 0 when unknown
}

// Quoted makes foreign text fit for a record: one line, ASCII, short.
func Quoted(text string) string {
	const most = 120
	if len(text) > most {
		return strconv.QuoteToASCII(text[:most]) + "…"
	}
	return strconv.QuoteToASCII(text)
}
