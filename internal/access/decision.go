package access

import "github.com/oriel-bi/oriel/internal/oriel"

// Column is a column as one principal sees it. Type is that of what is seen; an
// engine that does not know the mask refuses.
type Column struct {
	oriel.SourceColumn
	Mask oriel.Mask
}

// Visible is the columns of a table without a mask on any.
func Visible(columns []oriel.SourceColumn) []Column {
	seen := make([]Column, len(columns))
	for i, c := range columns {
		seen[i] = Column{SourceColumn: c}
	}
	return seen
}

// Decision is what one principal sees of one table or model.
type Decision struct {
	Table oriel.TableRef
	// Columns are those that exist for the principal, in the table's order;
	// never none.
	Columns []Column
	// Rows is never nil. It is about the table's own values, not about what the
	// masks show of them.
	Rows Predicate
}

// Decisions are what one principal sees of a source. A table that is not in
// Tables does not exist for the principal.
type Decisions struct {
	Source oriel.Source
	Tables map[string]Decision // by table name
	// Models are those with policies of their own, by key. A model that is not
	// in it is seen as its table is.
	Models map[string]Decision
	// Native is who the source's own row security is told of; nil when it is told
	// nothing.
	Native *NativeUser
	// Fingerprint tells apart what may differ between principals: equal
	// fingerprints see equal rows and columns. SHA-256 over a length-prefixed,
	// type-tagged encoding (access §3).
	Fingerprint [32]byte
}

// NewDecisions puts decisions on a source's tables and models together with
// their fingerprint.
func NewDecisions(src oriel.Source, tables, models map[string]Decision) Decisions {
	d := Decisions{Source: src, Tables: tables, Models: models}
	d.Fingerprint = d.fingerprint()
	return d
}

// For is the decisions for whom the source's own row security is told of.
func (d Decisions) For(native *NativeUser) Decisions {
	d.Native = native
	d.Fingerprint = d.fingerprint()
	return d
}

// Whole tells whether the fingerprint is that of these decisions.
func (d Decisions) Whole() bool { return d.Fingerprint == d.fingerprint() }

// Seen is what the principal sees of a model that is on a table; not found when
// the table does not exist for the principal. The model may be "".
func (d Decisions) Seen(model, table string) (Decision, bool) {
	if own, found := d.Models[model]; found && model != "" {
		return own, own.Table.Table == table && len(own.Columns) > 0
	}
	decision, found := d.Tables[table]
	return decision, found
}
