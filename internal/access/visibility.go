package access

import (
	"errors"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Visibility is how a table is opened to those who may run on its source.
type Visibility string

// The kinds of it. Administrators in their own session see closed tables too.
const (
	VisibilityClosed   Visibility = "closed"   // to nobody
	VisibilityPolicies Visibility = "policies" // to whom its policies let, in rows
	VisibilityShared   Visibility = "shared"   // to all, in all rows
	// VisibilityBroken: a policy no longer fits the table, so that it is refused to
	// everybody.
	VisibilityBroken Visibility = "broken"
)

// Visibility tells how a table is opened, and why it is broken if it is, in words
// for an administrator. It decides nothing: see [Policies.Decide].
func (ps *Policies) Visibility(ref oriel.TableRef) (seen Visibility, why string) {
	seen = VisibilityClosed
	for _, policy := range ps.tables[ref] {
		switch {
		case policy.err != nil:
			return VisibilityBroken, broken(policy)
		case policy.Rows != "":
			seen = VisibilityPolicies
		case policy.Shared && seen == VisibilityClosed:
			seen = VisibilityShared
		}
	}
	for _, model := range ps.models[ref] {
		for _, policy := range model.policies {
			if policy.err != nil {
				return VisibilityBroken, broken(policy)
			}
		}
	}
	return seen, ""
}

// broken is why a policy no longer fits.
func broken(policy readPolicy) string {
	cause := policy.err
	var ours *oriel.Error
	if errors.As(policy.err, &ours) && ours.Err != nil {
		cause = ours.Err
	}
	return "policy on " + policy.On() + ": " + oriel.MessageOf(cause)
}
