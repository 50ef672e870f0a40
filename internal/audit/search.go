package audit

import (
	"context"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// RecordFinder finds records that are kept.
type RecordFinder interface {
	ListSignIns(ctx context.Context, f oriel.SignInFilter, limit int) ([]oriel.SignInRecord, error)
}

// Search finds the records of attempts to sign in.
type Search struct {
	records *Records
	finder  RecordFinder
}

// NewSearch makes a Search. What the records still hold back is found too.
func NewSearch(records *Records, finder RecordFinder) *Search {
	return &Search{records: records, finder: finder}
}

// MaySearch tells whether the principal may read records: whoever administers
// authentication, or reads the audit. Errors: not_authenticated, scope_denied.
func MaySearch(p oriel.Principal) error {
	if access.Require(p, oriel.ScopeAdminAudit) == nil {
		return nil
	}
	return access.Require(p, oriel.ScopeAdminAuthentication)
}

// SignIns lists up to limit records that the filter lets through, newest first.
// Errors: not_authenticated, scope_denied, store_unavailable.
func (s *Search) SignIns(ctx context.Context, p oriel.Principal, f oriel.SignInFilter, limit int) ([]oriel.SignInRecord, error) {
	if err := MaySearch(p); err != nil {
		return nil, err
	}
	// An attempt of just now is what one looks for.
	if err := s.records.Flush(ctx); err != nil {
		return nil, err
	}
	return s.finder.ListSignIns(ctx, f, limit)
}
