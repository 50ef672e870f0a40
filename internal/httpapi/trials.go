package httpapi

import (
	"net/http"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin"
)

// BeginTrial answers POST /api/v1/providers/{id}/trials.
func (a *API) BeginTrial(w http.ResponseWriter, r *http.Request, id ID) {
	a.administering(w, r, nil, oriel.ScopeAdminAuthentication, func(p oriel.Principal) error {
		begun, err := a.administration.BeginTrial(r.Context(), p, id)
		if err != nil {
			return err
		}
		a.created(w, r, BegunTrial{ID: begun.Trial.ID, URL: begun.Link, Expires: begun.Trial.Expires})
		return nil
	})
}

// GetTrial answers GET /api/v1/providers/{id}/trials/{trial}.
func (a *API) GetTrial(w http.ResponseWriter, r *http.Request, id ID, trial string) {
	a.administering(w, r, nil, oriel.ScopeAdminAuthentication, func(p oriel.Principal) error {
		found, err := a.administration.Trial(r.Context(), p, id, trial)
		if err != nil {
			return err
		}
		a.answer(w, r, wireTrial(found))
		return nil
	})
}

func wireTrial(t oriel.SAMLTrial) Trial {
	out := Trial{ID: t.ID, State: TrialStateWaiting, Expires: t.Expires, Checks: wireChecks(t.Checks), ClockSkewMs: t.ClockSkew.Milliseconds()}
	switch {
	case !t.Done:
	case t.Outcome != "":
		out.State, out.Code, out.Fix = TrialStateRefused, string(t.Outcome), signin.Fix(t.Outcome)
	default:
		out.State = TrialStateAccepted
	}
	if t.Identity != nil {
		shown := wireTrialIdentity(t)
		out.Identity = &shown
	}
	return out
}

func wireTrialIdentity(t oriel.SAMLTrial) TrialIdentity {
	i := t.Identity
	out := TrialIdentity{
		Subject: i.Subject, Email: i.Email, Session: i.HostSID, NewUser: t.NewUser,
		Groups: append([]string{}, i.Groups...), OurGroups: make([]string, 0, len(t.Groups)), Dropped: append([]string{}, i.Dropped...),
		Attributes: wireUser(oriel.User{Attributes: i.Attributes}).Attributes,
	}
	for name, to := range map[*string]*string{i.FirstName: &out.FirstName, i.LastName: &out.LastName} {
		if name != nil {
			*to = *name
		}
	}
	if i.Tenant != nil {
		out.Tenant = string(*i.Tenant)
	}
	for _, group := range t.Groups {
		out.OurGroups = append(out.OurGroups, string(group))
	}
	return out
}
