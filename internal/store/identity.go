package store

import (
	"database/sql"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// An identity whose user is gone, which the schema rules out, is an error.
const findIdentitySQL = `
SELECT s.user_id, s.greatest_issued_at, s.not_before,
       ` + personSQL + `
FROM identities s
LEFT JOIN users u ON u.id = s.user_id
LEFT JOIN tenants t ON t.slug = u.tenant
WHERE s.provider_id = ? AND s.subject = ?`

// FindIdentity finds who a provider's subject is, with all that a sign-in needs
// to know of them, in one statement.
func (tx *Tx) FindIdentity(provider, subject string) (oriel.LinkedIdentity, oriel.Person, bool, error) {
	i := oriel.LinkedIdentity{Provider: provider, Subject: subject}
	var p oriel.Person
	var greatest, notBefore sql.NullInt64
	var columns personColumns
	found, err := tx.find("find an identity", findIdentitySQL, []any{provider, subject},
		append([]any{&i.User, &greatest, &notBefore}, columns.into(&p)...)...)
	if err != nil || !found {
		return i, oriel.Person{}, false, err
	}
	i.GreatestIssuedAt, i.NotBefore = moment(greatest), moment(notBefore)
	p.User.ID = i.User
	return i, p, true, columns.settle(&p)
}

// ProvidersOf are the ids of the providers that vouch for a user, once for
// each identity.
func (tx *Tx) ProvidersOf(user oriel.UserID) ([]string, error) {
	return tx.texts("find a user's identities", `SELECT provider_id FROM identities WHERE user_id = ?`, string(user))
}

// UserRevokedUntil is the latest moment until which tokens of any of a user's
// identities were revoked; zero when none was.
func (tx *Tx) UserRevokedUntil(user oriel.UserID) (time.Time, error) {
	var latest sql.NullInt64
	_, err := tx.find("find a revocation", `SELECT max(not_before) FROM identities WHERE user_id = ?`, []any{string(user)}, &latest)
	return moment(latest), err
}

// InsertIdentity links a subject to a user.
func (tx *Tx) InsertIdentity(i oriel.LinkedIdentity, now time.Time) error {
	return tx.change("link an identity",
		`INSERT INTO identities (provider_id, subject, user_id, greatest_issued_at, not_before, created) VALUES (?, ?, ?, ?, ?, ?)`,
		i.Provider, i.Subject, string(i.User), micros(i.GreatestIssuedAt), microsOrNull(i.NotBefore), micros(now))
}

// RaiseIssuedAt keeps the greatest iat that was accepted of an identity.
func (tx *Tx) RaiseIssuedAt(provider, subject string, issued time.Time) error {
	return tx.change("keep an identity's issue time",
		`UPDATE identities SET greatest_issued_at = max(greatest_issued_at, ?) WHERE provider_id = ? AND subject = ?`,
		micros(issued), provider, subject)
}
