package httpapi

import (
	"bufio"
	"bytes"
	"encoding/json"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// csvFile writes RFC 4180: lines end in CR LF, the first names the columns, and
// every text stands in quotes, so that an empty one is not a missing value.
type csvFile struct{ begun bool }

func (*csvFile) mediaType() string { return "text/csv; charset=utf-8; header=present" }
func (*csvFile) extension() string { return ".csv" }
func (*csvFile) maxRows() int      { return 0 }

func (f *csvFile) part(to *bufio.Writer, part oriel.Result) error {
	if !f.begun {
		f.begun = true
		for i, c := range part.Columns {
			writeSeparator(to, i)
			writeCSVText(to, []byte(c.Name), true)
		}
		writeLineEnd(to)
	}
	for row := range part.RowCount {
		for i, values := range part.Values {
			writeSeparator(to, i)
			if err := writeCSVValue(to, values[row], part.Columns[i].Type); err != nil {
				return err
			}
		}
		writeLineEnd(to)
	}
	_, err := to.Write(nil) // the first error of any write
	return err
}

func (*csvFile) end(*bufio.Writer) error { return nil }

// The writer keeps its first error, which the end of the part asks for.
func writeSeparator(to *bufio.Writer, column int) {
	if column > 0 {
		_ = to.WriteByte(',')
	}
}

func writeLineEnd(to *bufio.Writer) { _, _ = to.WriteString("\r\n") }

func writeCSVValue(to *bufio.Writer, value oriel.RawValue, kind oriel.ColumnType) error {
	switch {
	case len(value) == 0 || value[0] == 'n': // null, and nothing else begins so
		return nil
	case value[0] != '"':
		_, _ = to.Write(value)
		return nil
	}
	inner := value[1 : len(value)-1]
	if kind != oriel.TypeText {
		_, _ = to.Write(inner) // digits and days need no quotes
		return nil
	}
	if bytes.IndexByte(inner, '\\') < 0 {
		writeCSVText(to, inner, false)
		return nil
	}
	var text string
	if err := json.Unmarshal(value, &text); err != nil {
		return err
	}
	writeCSVText(to, []byte(text), false)
	return nil
}

// formulas begin what a spreadsheet computes instead of showing; an apostrophe
// before it makes a text of it. Only texts can hold such a thing.
const formulas = "=+-@\t\r\n"

func writeCSVText(to *bufio.Writer, text []byte, bare bool) {
	dangerous := len(text) > 0 && strings.IndexByte(formulas, text[0]) >= 0
	if bare && !dangerous && !bytes.ContainsAny(text, "\",\r\n") {
		_, _ = to.Write(text)
		return
	}
	_ = to.WriteByte('"')
	if dangerous {
		_ = to.WriteByte('\'')
	}
	for {
		at := bytes.IndexByte(text, '"')
		if at < 0 {
			break
		}
		_, _ = to.Write(text[:at+1])
		_ = to.WriteByte('"')
		text = text[at+1:]
	}
	_, _ = to.Write(text)
	_ = to.WriteByte('"')
}

// jsonFile writes an array of objects, one a line.
type jsonFile struct {
	begun bool
	rows  bool
	names [][]byte // with the brace or comma before and the colon behind
}

func (*jsonFile) mediaType() string { return "application/json" }
func (*jsonFile) extension() string { return ".json" }
func (*jsonFile) maxRows() int      { return 0 }

func (f *jsonFile) part(to *bufio.Writer, part oriel.Result) error {
	if !f.begun {
		f.begun = true
		for i, c := range part.Columns {
			name, err := json.Marshal(c.Name)
			if err != nil {
				return err
			}
			before := byte(',')
			if i == 0 {
				before = '{'
			}
			f.names = append(f.names, append(append([]byte{before}, name...), ':'))
		}
		_ = to.WriteByte('[')
	}
	for row := range part.RowCount {
		if f.rows {
			_ = to.WriteByte(',')
		}
		f.rows = true
		_ = to.WriteByte('\n')
		for i, values := range part.Values {
			_, _ = to.Write(f.names[i])
			_, _ = to.Write(values[row])
		}
		_ = to.WriteByte('}')
	}
	_, err := to.Write(nil) // the first error of any write
	return err
}

func (*jsonFile) end(to *bufio.Writer) error {
	_, err := to.WriteString("\n]\n")
	return err
}
