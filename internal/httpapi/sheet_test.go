package httpapi_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
)

// cell is what openpyxl, which is not ours, reads: a type (n number, s text,
// b boolean, d day or moment, f formula), a value and a format.
type cell struct {
	Type, Format string
	Value        any
}

func (c *cell) UnmarshalJSON(raw []byte) error {
	return json.Unmarshal(raw, &[]any{&c.Type, &c.Value, &c.Format})
}

func readSheet(t *testing.T, book []byte) [][]cell {
	t.Helper()
	file := filepath.Join(t.TempDir(), "book.xlsx")
	if err := os.WriteFile(file, book, 0o600); err != nil {
		t.Fatal(err)
	}
	var faults bytes.Buffer
	reader := exec.CommandContext(t.Context(), "/usr/bin/python3", "testdata/sheet.py", file)
	reader.Stderr = &faults
	out, err := reader.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, faults.String())
	}
	var rows [][]cell
	if err := json.Unmarshal(out, &rows); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return rows
}

// sheetOf is what a download of one column gives.
func sheetOf(t *testing.T, kind oriel.ColumnType, name string, values ...string) [][]cell {
	t.Helper()
	column := make([]oriel.RawValue, len(values))
	for i, value := range values {
		column[i] = oriel.RawValue(value)
	}
	part := oriel.Result{Columns: []oriel.Column{{Name: name, Type: kind}}, RowCount: len(values), Values: [][]oriel.RawValue{column}}
	s := newSite(t, func(p *parts) {
		p.queries = partQueries{give: func(_ context.Context, rows query.Rows) error {
			return errors.Join(begun(rows, "q"), rows.Part(part), rows.Part(oriel.Result{Columns: part.Columns, Values: make([][]oriel.RawValue, 1)}))
		}}
	})
	r := s.as(s.signIn("dana", "DFW"), "POST", downloadPath+"xlsx", "")
	if want := "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"; r.status != 200 || r.header.Get("Content-Type") != want {
		t.Fatalf("%d %s %s", r.status, r.header.Get("Content-Type"), r.body)
	}
	return readSheet(t, r.body)
}

func TestSheet_textsAreWhatTheySayAndNeverComputed(t *testing.T) {
	texts := []string{
		"plain", "", " spaces ", "=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "a\r\nb", "'x", "ünï 🛫", "<a>&\"'</t></is></c>", "]]>",
		"_x0041_", "_x0041_x0042_", "_x0041\x01", "_x005F_", "a_b", "nul\x00bell\x07", "\uffff", "\u202ebackwards", "123", "=cmd|' /C calc'!A0",
	}
	var raw []string
	for _, text := range texts {
		value, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		raw = append(raw, string(value))
	}
	rows := sheetOf(t, oriel.TypeText, "=name&<", raw...)
	if len(rows) != len(texts)+1 || rows[0][0].Value != "=name&<" || rows[0][0].Type == "f" {
		t.Fatalf("%d rows begin with %v", len(rows), rows[0])
	}
	for i, text := range texts {
		got := rows[i+1][0]
		if text == "" {
			text = fmt.Sprint(got.Value) // no text, or one of no letters
			if got.Value != nil && got.Value != "" {
				t.Errorf("no letters became %v", got)
			}
		}
		text = strings.ReplaceAll(text, "\r\n", "\n")
		if got.Value != nil && (got.Value != text || got.Type != "s") {
			t.Errorf("%q became %v", text, got)
		}
	}
}

func TestSheet_numbersAreExactOrTexts(t *testing.T) {
	for _, c := range []struct {
		kind  oriel.ColumnType
		value string
		want  cell
	}{
		{oriel.TypeInteger, "-3", cell{"n", "General", -3.0}},
		{oriel.TypeInteger, "null", cell{"n", "General", nil}},
		{oriel.TypeInteger64, `"9007199254740993"`, cell{"s", "General", "9007199254740993"}},
		{oriel.TypeInteger64, `"123456789012345"`, cell{"n", "General", 123456789012345.0}},
		{oriel.TypeInteger, "9007199254740991", cell{"s", "General", "9007199254740991"}}, // 16 digits: shown as …990
		{oriel.TypeDecimal, `"-1.50"`, cell{"n", "General", -1.5}},
		{oriel.TypeDecimal, `"0.1234567890123456789"`, cell{"s", "General", "0.1234567890123456789"}},
		{oriel.TypeNumber, "1.5e-7", cell{"n", "General", 1.5e-7}},
		{oriel.TypeNumber, `"Infinity"`, cell{"s", "General", "Infinity"}},
		{oriel.TypeNumber, `"=1+1"`, cell{"s", "General", "=1+1"}},
		{oriel.TypeBoolean, "true", cell{"b", "General", true}},
		{oriel.TypeBoolean, "false", cell{"b", "General", false}},
		{oriel.TypeDate, `"2026-11-26"`, cell{"d", `yyyy\-mm\-dd`, "2026-11-26T00:00:00"}},
		{oriel.TypeDate, `"1900-02-28"`, cell{"s", "General", "1900-02-28"}}, // spreadsheets count the days before March wrong
		{oriel.TypeDate, `"1900-03-01"`, cell{"d", `yyyy\-mm\-dd`, "1900-03-01T00:00:00"}},
		{oriel.TypeDate, `"infinity"`, cell{"s", "General", "infinity"}},
		{oriel.TypeDate, `"10000-01-01"`, cell{"s", "General", "10000-01-01"}},
		{oriel.TypeTimestamp, `"2026-11-26T19:30:01"`, cell{"d", `yyyy\-mm\-dd\ hh:mm:ss`, "2026-11-26T19:30:01"}},
		{oriel.TypeTimestamp, `"2026-11-26T19:30:01.25"`, cell{"d", `yyyy\-mm\-dd\ hh:mm:ss`, "2026-11-26T19:30:01.250000"}},
		{oriel.TypeTimestamp, `"9999-12-31T23:59:59"`, cell{"d", `yyyy\-mm\-dd\ hh:mm:ss`, "9999-12-31T23:59:59"}},
	} {
		rows := sheetOf(t, c.kind, "n", c.value)
		if diff := cmp.Diff(c.want, rows[1][0]); diff != "" {
			t.Errorf("%s %s: %s", c.kind, c.value, diff)
		}
	}
}

func TestSheet_aTextThatNoCellHoldsEndsInAnEllipsis(t *testing.T) {
	whole := strings.Repeat("ü", 32_767)
	pairs := strings.Repeat("🛫", 16_384) // two units each
	rows := sheetOf(t, oriel.TypeText, "t", `"`+whole+`"`, `"`+whole+`z"`, `"`+pairs+`"`)
	for i, want := range []string{whole, strings.Repeat("ü", 32_766) + "…", strings.Repeat("🛫", 16_383) + "…"} {
		if got := rows[i+1][0].Value; got != want {
			t.Errorf("text %d has %d bytes and ends in %q", i, len(fmt.Sprint(got)), fmt.Sprint(got)[len(fmt.Sprint(got))-6:])
		}
	}
}

func TestSheet_comesAsItsRowsCome(t *testing.T) {
	read := make(chan struct{})
	value := oriel.RawValue(`"` + strings.Repeat("x", 1000) + `"`)
	part := oriel.Result{RowCount: 1000, Columns: []oriel.Column{{Name: "t", Type: oriel.TypeText}}, Values: [][]oriel.RawValue{make([]oriel.RawValue, 1000)}}
	for i := range part.Values[0] {
		part.Values[0][i] = append(oriel.RawValue(fmt.Sprintf(`"%d `, i)), value[1:]...)
	}
	s := newSite(t, func(p *parts) {
		p.queries = partQueries{give: func(ctx context.Context, rows query.Rows) error {
			if rows.Most != 1_048_575 {
				t.Errorf("a sheet has room for %d rows", rows.Most)
			}
			err := begun(rows, "q")
			for range 20 { // far more than all buffers on the way
				err = errors.Join(err, rows.Part(part))
			}
			select {
			case <-read:
			case <-ctx.Done():
				err = errors.Join(err, ctx.Err())
			}
			return err
		}}
	})
	response := s.open(t, s.signIn("dana", "DFW"), downloadPath+"xlsx")
	book := make([]byte, 4)
	if _, err := response.Body.Read(book); err != nil {
		t.Fatal(err)
	}
	close(read)
	var rest bytes.Buffer
	if _, err := rest.ReadFrom(response.Body); err != nil {
		t.Fatal(err)
	}
	book = append(book, rest.Bytes()...)
	if _, err := zip.NewReader(bytes.NewReader(book), int64(len(book))); err != nil {
		t.Error(err)
	}
	if rows := readSheet(t, book); len(rows) != 20_001 {
		t.Errorf("%d rows", len(rows))
	}
}
