package directory

import (
	"reflect"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Attributes are a user's values, kept apart by where they come from.
type Attributes interface {
	SignInAttributes(user oriel.UserID, provider string) (oriel.Attributes, error)
	SetSignInAttributes(user oriel.UserID, provider string, attributes oriel.Attributes) error
	AdministratorAttributes(user oriel.UserID) (oriel.Attributes, error)
}

// ReplaceAttributes makes the claims of this sign-in the ones of the
// provider's last sign-in, and gives the effective values.
func (d *Directory) ReplaceAttributes(tx Tx, p oriel.Provider, user oriel.UserID, tenant oriel.Tenant, claims oriel.Attributes) (oriel.Attributes, error) {
	stored, err := tx.SignInAttributes(user, p.ID)
	if err != nil {
		return nil, err
	}
	if stored == nil || !same(stored, claims) {
		if err := tx.SetSignInAttributes(user, p.ID, claims); err != nil {
			return nil, err
		}
	}
	administrator, err := tx.AdministratorAttributes(user)
	if err != nil {
		return nil, err
	}
	return oriel.AttributeSets{Administrator: administrator, SignIn: claims, Tenant: tenant.Attributes}.Effective(), nil
}

func same(a, b oriel.Attributes) bool {
	return len(a) == len(b) && (len(a) == 0 || reflect.DeepEqual(a, b))
}
