package oriel

import "time"

// SAMLTrial is a test sign-in of an administrator: it signs nobody in, and works
// while the provider is off.
type SAMLTrial struct {
	ID       string // "trl_…": SHA-256 of what stands in its link
	Provider string // provider id
	Expires  time.Time
	// Done tells that an answer came; the rest is of it.
	Done      bool
	Outcome   Code // empty: it would sign in
	Checks    []Check
	ClockSkew time.Duration
	// Identity is who the provider vouched for, as far as the checks passed.
	Identity *Identity
	// NewUser tells that a user would be made; Groups are those that the person
	// would be in.
	NewUser bool
	Groups  []GroupKey
}
