package duckdb

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Bounds of a JSON file: of one record, and of how deep values nest.
const (
	maxRecord  = 16 << 20 // bytes
	maxNesting = 64
)

// records reads the objects of a JSON file one after the other: those of one
// array, or such as follow one another, a line each or not.
type records struct {
	from    *bufio.Reader
	raw     []byte // the record; good until the next one is read
	line    int    // from 1; of the record's beginning after next
	at      int    // the line that is being read
	started bool
	array   bool
	count   int
}

func newRecords(from io.Reader) *records {
	return &records{from: bufio.NewReaderSize(from, 64<<10), at: 1}
}

// wrongJSON says what is wrong in which line.
type wrongJSON struct {
	line int
	what string
}

func (w wrongJSON) Error() string { return fmt.Sprintf("line %d: %s", w.line, w.what) }

func (r *records) wrong(what string) error { return wrongJSON{r.at, what} }

const neededJSON = "it must be one array of objects, or one object a line"

// next reads the next object; io.EOF after the last one. The bytes are valid
// JSON in valid UTF-8.
func (r *records) next() ([]byte, error) {
	b, err := r.begin()
	if err != nil {
		return nil, err
	}
	if b != '{' {
		return nil, r.wrong(neededJSON)
	}
	r.line, r.raw = r.at, append(r.raw[:0], b)
	if err := r.rest(); err != nil {
		return nil, err
	}
	r.count++
	if !utf8.Valid(r.raw) {
		return nil, wrongJSON{r.line, "it is not UTF-8"}
	}
	if !json.Valid(r.raw) {
		return nil, wrongJSON{r.line, "it is not JSON"}
	}
	return r.raw, nil
}

// begin reads up to the first byte of a record.
func (r *records) begin() (byte, error) {
	if !r.started {
		r.started = true
		if mark, err := r.from.Peek(3); err == nil && bytes.Equal(mark, []byte("\ufeff")) {
			_, _ = r.from.Discard(3) // they were just seen
		}
		b, err := r.graphic()
		if err != nil || b != '[' {
			return b, err
		}
		r.array = true
		b, err = r.graphic()
		if err == nil && b == ']' {
			return 0, r.end()
		}
		return b, cutOff(r, err)
	}
	b, err := r.graphic()
	if !r.array {
		return b, err
	}
	switch {
	case err != nil:
		return 0, cutOff(r, err)
	case b == ']':
		return 0, r.end()
	case b != ',':
		return 0, r.wrong("it is not JSON")
	}
	b, err = r.graphic()
	return b, cutOff(r, err)
}

// end makes sure that nothing follows the array.
func (r *records) end() error {
	if _, err := r.graphic(); err != nil {
		return err // io.EOF when all is well
	}
	return r.wrong("something follows the array's end")
}

func cutOff(r *records, err error) error {
	if errors.Is(err, io.EOF) {
		return r.wrong("the file ends before its array does")
	}
	return err
}

// graphic skips blanks and gives what comes after them.
func (r *records) graphic() (byte, error) {
	for {
		b, err := r.from.ReadByte()
		switch {
		case err != nil:
			return 0, err
		case b == '\n':
			r.at++
		case b != ' ' && b != '\t' && b != '\r':
			return b, nil
		}
	}
}

// rest reads a record to its end.
func (r *records) rest() error {
	depth, inText, escaped := 1, false, false
	for depth > 0 {
		b, err := r.from.ReadByte()
		if errors.Is(err, io.EOF) {
			return wrongJSON{r.line, "the file ends within an object"}
		}
		if err != nil {
			return err
		}
		if r.raw = append(r.raw, b); len(r.raw) > maxRecord {
			return wrongJSON{r.line, fmt.Sprintf("an object is larger than %d MiB", maxRecord>>20)}
		}
		switch {
		case b == '\n':
			r.at++
			escaped = false
		case escaped:
			escaped = false
		case inText:
			inText, escaped = b != '"', b == '\\'
		case b == '"':
			inText = true
		case b == '{' || b == '[':
			if depth++; depth > maxNesting {
				return r.wrong(fmt.Sprintf("its values are nested more than %d deep", maxNesting))
			}
		case b == '}' || b == ']':
			depth--
		}
	}
	return nil
}

// member is one name of an object with its value, as they are written.
type member struct {
	name string
	raw  []byte
}

// members gives those of an object that is known to be valid, as [records.next]
// gives it.
func members(raw []byte, to []member) ([]member, error) {
	i := blank(raw, 1)
	for raw[i] != '}' {
		if raw[i] == ',' {
			i = blank(raw, i+1)
		}
		end := valueEnd(raw, i)
		name, err := textOf(raw[i:end])
		if err != nil {
			return nil, err
		}
		i = blank(raw, blank(raw, end)+1) // the colon
		end = valueEnd(raw, i)
		to = append(to, member{name, raw[i:end]})
		i = blank(raw, end)
	}
	return to, nil
}

func blank(raw []byte, i int) int {
	for raw[i] == ' ' || raw[i] == '\t' || raw[i] == '\n' || raw[i] == '\r' {
		i++
	}
	return i
}

// valueEnd is where the value ends that begins at i.
func valueEnd(raw []byte, i int) int {
	depth, inText := 0, false
	for ; ; i++ {
		switch b := raw[i]; {
		case inText && b == '\\':
			i++
		case b == '"':
			if inText = !inText; !inText && depth == 0 {
				return i + 1
			}
		case inText:
		case b == '{' || b == '[':
			depth++
		case b == '}' || b == ']':
			if depth == 0 {
				return i
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case depth == 0 && (b == ',' || b == ' ' || b == '\t' || b == '\n' || b == '\r'):
			return i
		}
	}
}

// textOf reads a JSON text.
func textOf(raw []byte) (string, error) {
	if inner := raw[1 : len(raw)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return string(inner), nil
	}
	var text string
	err := json.Unmarshal(raw, &text)
	return text, err
}
