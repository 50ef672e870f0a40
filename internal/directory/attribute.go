package directory

import (
	"reflect"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Attributes keep the values that a sign-in brings apart from the others.
type Attributes interface {
	SetSignInAttributes(user oriel.UserID, provider string, attributes oriel.Attributes) error
}

// ReplaceAttributes makes the claims of this sign-in the ones of the
// provider's last sign-in, and gives the effective values. Stored are those
// that were found.
func (d *Directory) ReplaceAttributes(tx Tx, p oriel.Provider, user oriel.UserID, stored oriel.AttributeSets, tenant oriel.Tenant, claims oriel.Attributes) (oriel.Attributes, error) {
	if stored.SignIn == nil || !same(stored.SignIn, claims) {
		if err := tx.SetSignInAttributes(user, p.ID, claims); err != nil {
			return nil, err
		}
	}
	return oriel.AttributeSets{Administrator: stored.Administrator, SignIn: claims, Tenant: tenant.Attributes}.Effective(), nil
}

func same(a, b oriel.Attributes) bool {
	return len(a) == len(b) && (len(a) == 0 || reflect.DeepEqual(a, b))
}
