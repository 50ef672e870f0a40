package oriel

import "strings"

// Join follows a foreign key: beside each row stand the columns of the one row
// that the principal sees of the other model with that key; nulls when there is
// none, or more than one. It never adds a row and never takes one away.
type Join struct {
	// Column has a foreign key in the question's model, or is AS.COLUMN of a join
	// before this one.
	Column string `json:"column"`
	As     string `json:"as,omitempty"` // default the column's own name
}

// Name is what the joined columns are named by.
func (j Join) Name() string {
	if j.As != "" {
		return j.As
	}
	if _, own, joined := strings.Cut(j.Column, "."); joined {
		return own
	}
	return j.Column
}
