package duckdb

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// format is how a file's content is written. It is told by the name's end alone.
type format string

const (
	formatCSV     format = ".csv"
	formatParquet format = ".parquet"
	formatJSON    format = ".json"
	formatNDJSON  format = ".ndjson"
	formatJSONL   format = ".jsonl"
	// formatDatabase is a database with tables of its own.
	formatDatabase format = oriel.DatabaseFile
)

// Formats are the ends of the names of files that can be read as one table each.
var Formats = []string{string(formatCSV), string(formatParquet), string(formatJSON), string(formatNDJSON), string(formatJSONL)}

// table is what one file becomes.
type table struct {
	file   string // as declared
	name   string
	format format
}

// copied is the name of our own copy of the file.
func (t table) copied() string { return t.name + string(t.format) }

// tablesOf gives the table of each file.
func tablesOf(files []string) ([]table, error) {
	if len(files) == 0 {
		return nil, oriel.E(oriel.CodeInvalidRequest, "the source names no files")
	}
	var tables []table
	for _, file := range files {
		base := filepath.Base(file)
		end := filepath.Ext(base)
		name := strings.TrimSuffix(base, end)
		switch {
		case !filepath.IsLocal(file):
			return nil, oriel.E(oriel.CodeInvalidRequest, "%s: the file must be inside the declaration's folder", file)
		case format(end) == formatDatabase && len(files) == 1:
			return []table{{file: file, name: "given", format: formatDatabase}}, nil
		case !slices.Contains(Formats, end):
			return nil, oriel.E(oriel.CodeInvalidRequest, "%s: only files that end with %s can be read", file, strings.Join(Formats, ", "))
		case !tableText.MatchString(name) || reservedName(foldName(name)):
			return nil, oriel.E(oriel.CodeInvalidRequest,
				"%s: the file's name becomes the table's: use letters, digits and _, at most 63, and none of the prefixes oriel_ duckdb_ pragma_ pg_ sqlite_", file)
		case slices.ContainsFunc(tables, func(t table) bool { return foldName(t.name) == foldName(name) }):
			return nil, oriel.E(oriel.CodeInvalidRequest, "%s: another file makes a table of this name", file)
		}
		tables = append(tables, table{file: file, name: name, format: format(end)})
	}
	return tables, nil
}
