package directory

import (
	"io"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Options set up the directory.
type Options struct {
	// Declared is the newest declared settings.
	Declared func() *oriel.Declaration
	// DevMode lets pages in that this machine serves. The configuration sees
	// to it that nobody else reaches the server then.
	DevMode bool
	Clock   func() time.Time
	Random  io.Reader
}

// Directory knows who there is.
type Directory struct{ options Options }

// New makes a Directory.
func New(options Options) *Directory { return &Directory{options: options} }

// Tx is what a sign-in's transaction can do to the directory.
type Tx interface {
	Identities
	Users
	Tenants
	Memberships
	Attributes
	// InsertAuditEntry keeps a change.
	InsertAuditEntry(e oriel.AuditEntry) error
}

// changed keeps the audit entry of a change that a sign-in of the provider
// made. Ids only: a person's values are none of the audit's.
func (d *Directory) changed(tx Tx, provider oriel.Provider, action, kind, key, to string) error {
	return tx.InsertAuditEntry(oriel.AuditEntry{
		At: d.options.Clock(), Who: provider.ID, Action: action, Kind: kind, Key: key, To: to,
	})
}
