package signin

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// order is that of the checks in a record: the gates, what the verifier
// checks, and the arrival.
var order = [...]string{
	"embedding", "session", "provider", "origin", "renewal", "state",
	"format", "key", "status", "signature", "destination", "request", "time", "issuer", "audience", "claims",
	"replay", "code", "age", "tenant", "account", "groups",
}

// attempt gathers the record of one sign-in. It never sees the token.
type attempt struct {
	record  oriel.SignInRecord
	counted bool // its token was found good, and counted by limits.allow
}

// The methods in records.
const (
	methodJWT    = "jwt"
	methodSAML   = "saml"
	methodLogout = "logout"
	// methodRenewal is a page that renews a session which began by SAML.
	methodRenewal = "renewal"
)

// longestOrigin is how much of a foreign Origin header a record keeps.
const longestOrigin = 300

func (s *SignIn) begin(reference, method, origin, clientIP string) *attempt {
	return &attempt{record: oriel.SignInRecord{
		Reference: reference, At: s.Clock(), Method: method, ClientIP: clientIP,
		Origin: strings.ToValidUTF8(origin[:min(len(origin), longestOrigin)], "?"),
	}}
}

func (a *attempt) passed(name, received string) {
	a.record.Checks = append(a.record.Checks, oriel.Check{Name: name, Outcome: oriel.CheckPassed, Received: received})
}

// check notes how a step ended and passes its error on.
func (a *attempt) check(name, expected, received string, err error) error {
	check := oriel.Check{Name: name, Outcome: oriel.CheckPassed, Expected: expected, Received: received}
	if err != nil {
		check.Outcome = oriel.CheckFailed
		if check.Received == "" {
			check.Received = reason(err)
		}
	}
	a.record.Checks = append(a.record.Checks, check)
	return err
}

// failed notes a step that was refused, and gives the refusal.
func (a *attempt) failed(name, expected, received string, code oriel.Code) error {
	return a.check(name, expected, received, &oriel.Error{Code: code})
}

// reason is what an error says beyond its code.
func reason(err error) string {
	var coded *oriel.Error
	if errors.As(err, &coded) && coded.Err != nil {
		return coded.Err.Error()
	}
	return string(oriel.CodeOf(err))
}

// signed tells whether the token's signature was found good, or the session that
// is renewed was one of ours.
func (a *attempt) signed() bool {
	return slices.ContainsFunc(a.record.Checks, func(c oriel.Check) bool {
		return (c.Name == "signature" || c.Name == "session") && c.Outcome == oriel.CheckPassed
	})
}

// complete is the record with the steps that were not reached.
func (a *attempt) complete(outcome oriel.Code) oriel.SignInRecord {
	record := a.record
	record.Outcome = outcome
	record.Checks = slices.Clone(record.Checks)
	for _, name := range order {
		if record.Method == methodRenewal {
			break // most are of the sign-in that it renews
		}
		switch name {
		case "format", "state", "claims", "code", "age", "session", "renewal":
			continue // told only when they decide
		case "key":
			if record.Method == methodSAML {
				continue // the signature's check names the certificate
			}
		case "status", "destination", "request":
			if record.Method != methodSAML {
				continue
			}
		case "embedding", "tenant", "account", "groups":
			if record.Method == methodLogout {
				continue // nobody comes in
			}
		}
		if !slices.ContainsFunc(record.Checks, func(c oriel.Check) bool { return c.Name == name }) {
			record.Checks = append(record.Checks, oriel.Check{Name: name, Outcome: oriel.CheckSkipped})
		}
	}
	slices.SortStableFunc(record.Checks, func(a, b oriel.Check) int {
		return slices.Index(order[:], a.Name) - slices.Index(order[:], b.Name)
	})
	return record
}

// observed takes over what verifying the token showed.
func (a *attempt) observed(evidence oriel.Evidence) {
	a.record.Checks = append(a.record.Checks, evidence.Checks...)
	a.record.ClockSkew = evidence.ClockSkew
}

// refused keeps the record of a refusal and gives the error to answer with: at
// once after a good signature, lazily and bounded before it. A network that had
// too many of them is told to wait (§7), also with tokens that once were signed
// well: whoever has one that expired could have the store write for ever. A
// record that cannot be kept does not change the answer.
func (s *SignIn) refused(ctx context.Context, a *attempt, err error) error {
	signed := a.signed()
	if !a.counted {
		if limited := s.limits.refused(a.record.ClientIP, err); limited != nil {
			err = limited
		}
	}
	record := a.complete(oriel.CodeOf(err))
	if !signed || oriel.CodeOf(err) == oriel.CodeRateLimited {
		s.Records.KeepLazily(record)
		return err
	}
	if failure := s.Records.Keep(ctx, record); failure != nil {
		s.Log.Error("a sign-in record could not be kept",
			slog.String("reference", record.Reference), slog.Any("error", failure))
	}
	return err
}
