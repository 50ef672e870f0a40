package duckdb

import (
	"encoding/csv"
	"errors"
	"io"
	"os"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// csvFault says what is wrong with a file that the engine could not read. The
// engine's own words name our copy and fill a page; these name the line.
func csvFault(file, path string) error {
	const form = "values are separated by commas, quoted with \", and the first line names the columns"
	copied, err := os.Open(path)
	if err != nil {
		return &oriel.Error{Code: oriel.CodeInvalidRequest, Message: file + ": the file can't be read", Err: err}
	}
	defer copied.Close()
	reader := csv.NewReader(copied)
	reader.ReuseRecord = true
	columns := 0
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return oriel.E(oriel.CodeInvalidRequest, "%s: it can't be read as CSV: %s", file, form)
		}
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			if errors.Is(err, csv.ErrFieldCount) {
				return oriel.E(oriel.CodeInvalidRequest, "%s:%d: it can't be read as CSV: the line has %d values, and the first line names %d columns", file, wrong.Line, len(record), columns)
			}
			return oriel.E(oriel.CodeInvalidRequest, "%s:%d: it can't be read as CSV: %s", file, wrong.Line, form)
		}
		if err != nil {
			return &oriel.Error{Code: oriel.CodeInvalidRequest, Message: file + ": the file can't be read", Err: err}
		}
		if columns == 0 {
			columns = len(record)
		}
	}
}

// columnsOf is how many columns the first line of a file names; 0 when it
// can't be read.
func columnsOf(path string) int {
	file, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer file.Close()
	names, err := csv.NewReader(file).Read()
	if err != nil {
		return 0
	}
	return len(names)
}
