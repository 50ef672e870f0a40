package oriel

import (
	"strings"
	"time"
)

// ColumnType is the type of a column as Oriel knows it, the same on every
// engine.
type ColumnType string

// The types. Values on the wire: text, date ("2001-01-31"), timestamp
// ("2001-01-31T14:05:00", wall time, never shifted) and decimal are JSON
// strings; integer and number are JSON numbers; integer64 is a JSON string,
// used when a value is beyond what JavaScript holds exactly.
const (
	TypeText      ColumnType = "text"
	TypeInteger   ColumnType = "integer"
	TypeInteger64 ColumnType = "integer64"
	TypeDecimal   ColumnType = "decimal"
	TypeNumber    ColumnType = "number"
	TypeBoolean   ColumnType = "boolean"
	TypeDate      ColumnType = "date"
	TypeTimestamp ColumnType = "timestamp"
)

// SourceKind is the engine of a data source.
type SourceKind string

// The kinds: SourceDuckDB is the embedded engine over files, SourcePostgres a
// PostgreSQL server of the customer's.
const (
	SourceDuckDB   SourceKind = "duckdb"
	SourcePostgres SourceKind = "postgres"
)

// Source is a customer's database, as declared and last synchronised.
type Source struct {
	Key   string     `json:"key"`
	Kind  SourceKind `json:"kind"`
	Files []string   `json:"files"` // as declared, relative to the declaration
	// BaseDir is the absolute folder that Files are relative to. Only a
	// declaration that was just read has one; it is not stored.
	BaseDir string `json:"-"`
	// InFolder tells that Files are in the server's folder for sources, so that
	// they can be read again; a declaration's are where it is alone.
	InFolder bool `json:"in_folder,omitempty"`
	// URL reaches a server, with its login and password. It is a secret: it is
	// sealed at rest, and in no document, log line, error or audit entry.
	URL string `json:"-"`
	// Schema holds a server's tables, and Only, when it isn't empty, says which
	// of them belong to the source. Role is acted as by every query, if any is
	// named.
	Schema string   `json:"schema,omitempty"`
	Only   []string `json:"only,omitempty"`
	Role   string   `json:"role,omitempty"`
	// NativeSecurity tells a server's own row security who asks, in each query.
	NativeSecurity bool `json:"native_security,omitempty"`
	// Limits bound what questions on it may use.
	Limits SourceLimits `json:"limits,omitzero"`
	// Revision changes whenever the data that queries see was replaced:
	// SHA-256 over the imported files, hex; of a server, over what its tables
	// are made of.
	Revision string `json:"revision"`
	// Database is the file that queries read, relative to the data folder.
	Database string        `json:"database"`
	Tables   []SourceTable `json:"tables"` // sorted by name
	// MaskKey keys the hashes that policies show instead of values: the store
	// derives it, nothing keeps it. Without one nothing is hashed.
	MaskKey MaskKey `json:"-"`
}

// DatabaseFile is the end of the name of a file that holds tables of its own.
const DatabaseFile = ".duckdb"

// DatabaseFile is the one file of a source whose tables are in a database file.
func (s Source) DatabaseFile() (string, bool) {
	if len(s.Files) == 1 && strings.HasSuffix(s.Files[0], DatabaseFile) {
		return s.Files[0], true
	}
	return "", false
}

// SourceLimits bound what questions on a source may use. What is 0 is as the
// server is set.
type SourceLimits struct {
	Connections  int `json:"connections,omitempty"` // queries at the same time
	QuerySeconds int `json:"query_seconds,omitempty"`
	Rows         int `json:"rows,omitempty"`          // shown
	DownloadRows int `json:"download_rows,omitempty"` // no more than the server's own
	MemoryMiB    int `json:"memory_mib,omitempty"`    // of kind duckdb
	ResultMiB    int `json:"result_mib,omitempty"`    // as JSON, where rows are shown
}

// QueryTime is how long a query may take.
func (l SourceLimits) QueryTime(usual time.Duration) time.Duration {
	if l.QuerySeconds > 0 {
		return time.Duration(l.QuerySeconds) * time.Second
	}
	return usual
}

// ResultBytes is how large a result may be.
func (l SourceLimits) ResultBytes(usual int) int {
	if l.ResultMiB > 0 {
		return l.ResultMiB << 20
	}
	return usual
}

// SourceTable is a table found by a sync.
type SourceTable struct {
	Name    string         `json:"name"`
	Columns []SourceColumn `json:"columns"` // in the table's order
	// Keys as a server's catalog tells them; files have none. They name columns
	// that the source has.
	PrimaryKey  []string          `json:"primary_key,omitempty"`
	UniqueKeys  [][]string        `json:"unique_keys,omitempty"`
	ForeignKeys []TableForeignKey `json:"foreign_keys,omitempty"`
}

// TableForeignKey says that columns hold those of a row of another table of the same
// source, or of the same one.
type TableForeignKey struct {
	Columns []string `json:"columns"`
	Table   string   `json:"table"`
	To      []string `json:"to"` // its columns, in the order of Columns
}

// Column finds a column by its exact name.
func (t SourceTable) Column(name string) (SourceColumn, bool) {
	for _, c := range t.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return SourceColumn{}, false
}

// Table finds a table by its exact name.
func (s Source) Table(name string) (SourceTable, bool) {
	for _, t := range s.Tables {
		if t.Name == name {
			return t, true
		}
	}
	return SourceTable{}, false
}

// SourceColumn is a column found by a sync.
type SourceColumn struct {
	Name string     `json:"name"`
	Type ColumnType `json:"type"`
	// Native is the engine's own name for the type, where the engine needs it.
	Native string `json:"native,omitempty"`
}

// TableRef names a table of a source; "airports.flights" in declarations.
type TableRef struct {
	Source string `json:"source"`
	Table  string `json:"table"`
}

// String is the reference as it is written in declarations.
func (r TableRef) String() string { return r.Source + "." + r.Table }

// Model is a table with described columns.
type Model struct {
	Key         string        `json:"key"`
	Name        string        `json:"name"`
	Table       TableRef      `json:"table"`
	Description string        `json:"description,omitempty"`
	Columns     []ModelColumn `json:"columns,omitempty"`
	TimeColumn  string        `json:"time_column,omitempty"`
}

// TimeUTC says of a model's column that it holds moments in UTC.
const TimeUTC = "utc"

// ModelColumn describes one column of a model.
type ModelColumn struct {
	Name        string       `json:"name"`
	Label       string       `json:"label,omitempty"`
	Format      ColumnFormat `json:"format,omitempty"`
	Description string       `json:"description,omitempty"`
	// ForeignKey is what the column's values are keys of; nil when of nothing.
	ForeignKey *ForeignKey `json:"foreign_key,omitempty"`
	// Time is utc for a timestamp that holds moments in UTC, which are shown as
	// the wall time of whoever asks; empty for one that is wall time already.
	Time string `json:"time,omitempty"`
}

// ForeignKey is the column of a model whose values another column holds. The
// model is of the same source.
type ForeignKey struct {
	Model  string `json:"model"`
	Column string `json:"column"`
}

// Column finds a described column by its exact name.
func (m Model) Column(name string) (ModelColumn, bool) {
	for _, c := range m.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return ModelColumn{}, false
}

// ColumnFormat says how values are shown; it never changes them.
type ColumnFormat struct {
	Style    string `json:"style,omitempty"`    // number, currency, percent, unit
	Currency string `json:"currency,omitempty"` // ISO 4217, with style currency
	Unit     string `json:"unit,omitempty"`     // with style unit: "minute", "mile"
	Digits   *int   `json:"digits,omitempty"`   // shown after the point at most
}
