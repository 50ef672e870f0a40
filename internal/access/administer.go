package access

import "github.com/oriel-bi/oriel/internal/oriel"

// Require refuses a principal that does not hold the scope in this request:
// not_authenticated for nobody, scope_denied for everybody else.
func Require(p oriel.Principal, scope oriel.Scope) error {
	switch {
	case p.IsZero():
		return &oriel.Error{Code: oriel.CodeNotAuthenticated}
	case !p.Holds(scope):
		return &oriel.Error{Code: oriel.CodeScopeDenied}
	}
	return nil
}
