package oriel

import (
	"fmt"
	"io"
)

// Mask is what a policy shows of a column.
type Mask string

// The masks. Where several policies hold, what is seen is never more than any
// of them shows.
const (
	MaskNone   Mask = ""       // the value itself
	MaskHash   Mask = "hash"   // HMAC-SHA-256 (RFC 2104) under the source's MaskKey, hex
	MaskLast4  Mask = "last4"  // the last four characters of a longer value, else NULL
	MaskEmpty  Mask = "empty"  // NULL
	MaskHidden Mask = "hidden" // the column does not exist
)

// And is what is left to see where both masks hold.
func (m Mask) And(other Mask) Mask {
	switch {
	case m == other || other == MaskNone:
		return m
	case m == MaskNone:
		return other
	case m == MaskHidden || other == MaskHidden:
		return MaskHidden
	}
	return MaskEmpty // a hash and an end would each tell what the other keeps
}

// Fits tells whether the mask can be put on a column of the type: only texts
// and whole numbers are written in one way on every engine.
func (m Mask) Fits(t ColumnType) bool {
	switch m {
	case MaskNone, MaskEmpty, MaskHidden:
		return true
	case MaskHash, MaskLast4:
		return t == TypeText || t == TypeInteger || t == TypeInteger64
	}
	return false
}

// MaskKey is a secret key of 32 bytes, which no way of printing shows.
type MaskKey []byte

// Format prints no part of the key.
func (MaskKey) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "[key]") // a printer has nobody to tell
}

// Policy limits what of a table or model a principal sees. It belongs to that
// and holds for everyone but the groups it exempts (access §3).
type Policy struct {
	// Table is what the policy is on, or Model is the key of a model: then it
	// holds inside the model, beside the policies of the model's table.
	Table TableRef `json:"table"`
	Model string   `json:"model,omitempty"`
	// Rows is the condition as declared; it is parsed when it is saved and
	// whenever it is loaded. Empty when the policy is not about rows.
	Rows string `json:"rows,omitempty"`
	// Columns are masked, by exact name.
	Columns map[string]Mask `json:"columns,omitempty"`
	// Shared opens the table to everyone who may run on the source.
	Shared bool       `json:"shared,omitempty"`
	Exempt []GroupKey `json:"exempt,omitempty"`
}

// On names what the policy is on, as "airports.flights" or "model flights".
func (p Policy) On() string {
	if p.Model != "" {
		return "model " + p.Model
	}
	return p.Table.String()
}
