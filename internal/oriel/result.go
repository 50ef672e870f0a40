package oriel

import "time"

// Column describes a column of a result.
type Column struct {
	Name   string       `json:"name"`
	Label  string       `json:"label"`
	Type   ColumnType   `json:"type"`
	Format ColumnFormat `json:"format"`
}

// Result is what a question returns, by column. Values[i] are those of
// Columns[i], each already as its JSON text, so that no number is rounded on
// the way.
type Result struct {
	Columns   []Column
	Values    [][]RawValue
	RowCount  int
	Truncated bool // more rows exist than the limit let through
	Duration  int  // milliseconds in the engine
	// CachedAt is when a result that was kept was made; zero for a new one.
	CachedAt time.Time
}

// RawValue is one value as JSON text (UTF-8).
type RawValue []byte

// MarshalJSON writes the value as it stands.
func (v RawValue) MarshalJSON() ([]byte, error) {
	if len(v) == 0 {
		return []byte("null"), nil
	}
	return v, nil
}
