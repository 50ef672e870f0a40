package oriel

import (
	"context"
	"encoding/json"
	"slices"
)

// PolicyTest says what somebody must see of a table, a model or a question, and
// no more.
type PolicyTest struct {
	Name string `json:"name"`
	// User is a user of the store, by e-mail address or id; one that is kept has
	// the id. Without it As is who.
	User string `json:"user,omitempty"`
	As   User   `json:"as"`
	// One of these three is what is looked at.
	Table      TableRef                   `json:"table"`
	Model      string                     `json:"model,omitempty"`
	Question   string                     `json:"question,omitempty"`
	Parameters map[string]json.RawMessage `json:"parameters,omitempty"`
	// Only is a condition that every row fulfils, in the language of policies.
	Only  string `json:"only,omitempty"`
	Count *int   `json:"count,omitempty"`
	// Columns are all that are seen, in order, and Masks all that hold; nil says
	// nothing of them.
	Columns []string        `json:"columns"`
	Masks   map[string]Mask `json:"masks"`
}

// FindTester finds a user of the store, by e-mail address or id, with what
// policies read of them.
type FindTester = func(ctx context.Context, named string) (User, error)

// PolicyTestResult is what a test came to.
type PolicyTestResult struct {
	Name string
	// Wrong says what is not as the test expects, a sentence each.
	Wrong []string
	// Uncounted is Wrong without how many rows there are, which is for who sees
	// them all.
	Uncounted []string
}

// PolicyChange is what becomes of the policies of one table, or of one model.
type PolicyChange struct {
	Table TableRef
	Model string
	// Policies take the place of all that there are; none closes a table.
	Policies []Policy
	Tests    []PolicyTest // kept beside the others, by name
	// Revision is that of the declaration on which it was tried.
	Revision int64
	// Untested are the names of tests that were left out on purpose.
	Untested []string
}

// On names what the change is on, as [Policy.On] does.
func (c PolicyChange) On() string { return Policy{Table: c.Table, Model: c.Model}.On() }

// Over is what will be declared once the change is kept.
func (c PolicyChange) Over(now *Declaration) *Declaration {
	next := (&Declaration{Policies: c.Policies, PolicyTests: c.Tests}).Over(now)
	if len(c.Policies) == 0 {
		next.Policies = slices.DeleteFunc(next.Policies, func(p Policy) bool { return p.On() == c.On() })
	}
	return next
}
