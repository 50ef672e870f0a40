package audit

import (
	"context"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// exportPage is how many entries an export reads at once.
const exportPage = 500

// EntryFinder finds entries that are kept.
type EntryFinder interface {
	ListAudit(ctx context.Context, f oriel.AuditFilter, limit int) ([]oriel.AuditEntry, error)
}

// Trail tells who changed what. It has no way to change an entry.
type Trail struct{ finder EntryFinder }

// NewTrail makes a Trail.
func NewTrail(finder EntryFinder) *Trail { return &Trail{finder} }

// Entries lists up to limit entries that the filter lets through. Errors:
// not_authenticated, scope_denied, store_unavailable.
func (t *Trail) Entries(ctx context.Context, p oriel.Principal, f oriel.AuditFilter, limit int) ([]oriel.AuditEntry, error) {
	if err := access.Require(p, oriel.ScopeAdminAudit); err != nil {
		return nil, err
	}
	return t.finder.ListAudit(ctx, f, limit)
}

// Export gives all entries that the filter lets through, oldest first, one
// after the other and never all at once. It ends with the first error of each,
// or of its own: as [Trail.Entries].
func (t *Trail) Export(ctx context.Context, p oriel.Principal, f oriel.AuditFilter, each func(oriel.AuditEntry) error) error {
	f.Oldest = true
	for {
		entries, err := t.Entries(ctx, p, f, exportPage)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := each(e); err != nil {
				return err
			}
			f.After = e.ID
		}
		if len(entries) < exportPage {
			return nil
		}
	}
}
