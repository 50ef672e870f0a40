package httpapi

import (
	"net/http"

	"github.com/oriel-bi/oriel/internal/audit"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
	"github.com/oriel-bi/oriel/internal/signin"
)

// ListSignIns answers GET /api/v1/sign-ins.
func (a *API) ListSignIns(w http.ResponseWriter, r *http.Request, params ListSignInsParams) {
	names := []string{"reference", "user", "provider", "outcome", "cursor", "limit"}
	a.signedInAs(w, r, names, audit.MaySearch, func(p oriel.Principal, _ session.Session) error {
		limit, err := pageSize(params.Cursor, params.Limit)
		if err != nil {
			return err
		}
		filter, err := signInFilter(params)
		if err != nil {
			return err
		}
		records, err := a.search.SignIns(r.Context(), p, filter, limit+1)
		if err != nil {
			return err
		}
		records, next := newest(records, limit, func(record oriel.SignInRecord) int64 { return record.ID })
		list := SignInList{Items: make([]SignInRecord, 0, len(records)), Next: next}
		for _, record := range records {
			list.Items = append(list.Items, wireSignIn(record))
		}
		a.answer(w, r, list)
		return nil
	})
}

func signInFilter(params ListSignInsParams) (oriel.SignInFilter, error) {
	filter := oriel.SignInFilter{
		Reference: params.Reference, User: oriel.UserID(params.User), Provider: params.Provider, Outcome: params.Outcome,
	}
	if params.Outcome != "" && !oriel.IsOutcome(params.Outcome) {
		return filter, fieldError("outcome", "This is a code, accepted or refused.")
	}
	var err error
	filter.Before, err = parseBefore(params.Cursor)
	return filter, err
}

func wireSignIn(record oriel.SignInRecord) SignInRecord {
	out := SignInRecord{
		Reference: record.Reference, At: record.At, Provider: record.Provider, Method: record.Method, Origin: record.Origin,
		ClientIP: record.ClientIP, User: string(record.User), Outcome: oriel.OutcomeAccepted, Attempts: max(record.Attempts, 1),
		Checks: wireChecks(record.Checks), ClockSkewMs: record.ClockSkew.Milliseconds(),
		Dropped: append([]string{}, record.Dropped...),
	}
	if record.Outcome != "" {
		out.Outcome, out.Fix = string(record.Outcome), signin.Fix(record.Outcome)
	}
	return out
}

func wireChecks(checks []oriel.Check) []SignInCheck {
	list := make([]SignInCheck, 0, len(checks))
	for _, check := range checks {
		list = append(list, SignInCheck{
			Name: check.Name, Outcome: SignInCheckOutcome(check.Outcome), Expected: check.Expected, Received: check.Received,
		})
	}
	return list
}
