package access

import (
	"crypto/sha256"
	"maps"
	"slices"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Sight is all that a result depends on. What has the same fingerprint may be
// shared, and nothing else (access §3). Whether the principal may ask at all is
// no part of it: grants are checked before, on every request.
type Sight struct {
	// Decisions are of every table and model that is read: the policies that
	// held with each value that they read, masks and openness are in them, and
	// all that the source's own row security was told.
	Decisions Decisions
	// SettingsRevision is the data source's; its data's is in Decisions.
	SettingsRevision string
	// SchemaRevision is that of the tables and columns that a sync found.
	SchemaRevision string
	// Versions are those of the question and the models, by kind and key.
	Versions map[string]string
	// Parameters are the values after defaults.
	Parameters map[string]ParameterValue
	TimeZone   string // effective
	Locale     string // effective
	RowLimit   int
}

// ParameterValue is one value, a range with an open end or none, or a list.
type ParameterValue struct {
	Scalar, From, To *oriel.Scalar
	List             []oriel.Scalar
}

// Fingerprint is SHA-256 over a length-prefixed, type-tagged encoding.
func (s Sight) Fingerprint() [32]byte {
	return sha256.Sum256(s.encoded())
}

func (s Sight) encoded() []byte {
	var e encoder
	e.text("oriel sight 2")
	e.decisions(s.Decisions)
	e.text(s.SettingsRevision)
	e.text(s.SchemaRevision)
	e.count('Q', len(s.Versions))
	for _, key := range slices.Sorted(maps.Keys(s.Versions)) {
		e.text(key)
		e.text(s.Versions[key])
	}
	e.count('A', len(s.Parameters))
	for _, name := range slices.Sorted(maps.Keys(s.Parameters)) {
		e.text(name)
		e.parameter(s.Parameters[name])
	}
	e.text(s.TimeZone)
	e.text(s.Locale)
	e.count('L', s.RowLimit)
	return e.Bytes()
}

func (e *encoder) parameter(v ParameterValue) {
	for _, scalar := range []*oriel.Scalar{v.Scalar, v.From, v.To} {
		if e.flag(scalar != nil); scalar != nil {
			e.scalar(*scalar)
		}
	}
	e.scalars(v.List)
}
