package oriel

import "encoding/json"

// PolicyTest says what somebody must see of a table, a model or a question, and
// no more.
type PolicyTest struct {
	Name string
	// User is the e-mail address of a user of the store; without it As is who.
	User string
	As   User
	// One of these three is what is looked at.
	Table      TableRef
	Model      string
	Question   string
	Parameters map[string]json.RawMessage
	// Only is a condition that every row fulfils, in the language of policies.
	Only    string
	Count   *int
	Columns []string        // all that are seen, in order
	Masks   map[string]Mask // all that hold
}
