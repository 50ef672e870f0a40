package duckdb_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// refused makes sure that a file is refused with a sentence, which names no
// place of this machine.
func refused(t *testing.T, base, file, want string) {
	t.Helper()
	data := t.TempDir()
	_, _, err := syncFiles(t, data, base, file)
	if oriel.CodeOf(err) != oriel.CodeInvalidRequest || !strings.Contains(oriel.MessageOf(err), want) {
		t.Errorf("%s: %v, want %q", file, err, want)
	}
	if err != nil && (strings.Contains(err.Error(), data) || strings.Contains(err.Error(), base) || strings.Contains(err.Error(), "s3cret")) {
		t.Errorf("%s: %v tells too much", file, err)
	}
	if left, _ := filepath.Glob(filepath.Join(data, "sources", "*")); len(left) > 0 {
		t.Errorf("%s: left %v behind", file, left)
	}
}

func TestSync_refusesHostileJSONWithTheLine(t *testing.T) {
	var keys strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&keys, `,"k%d":1`, i)
	}
	for name, c := range map[string]struct{ content, want string }{
		"empty":      {"", "must be one array of objects"},
		"blank":      {" \n\t", "must be one array of objects"},
		"no_rows":    {"[]", "must be one array of objects"},
		"no_names":   {"[{},{}]", "must be one array of objects"},
		"number":     {"1", "1: it can't be read as JSON: it must be one array"},
		"numbers":    {"[1,2]", "it must be one array of objects"},
		"arrays":     {"[[1],[2]]", "it must be one array of objects"},
		"deep":       {`{"a":` + strings.Repeat("[", 1_000_000), "nested more than 64 deep"},
		"deep_ended": {`{"a":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + "}", "nested more than 64 deep"},
		"keys":       {`{"a":1` + keys.String() + "}", "more than 1000 names"},
		"keys_apart": {strings.ReplaceAll(keys.String(), ",", "}\n{")[2:] + "}", "1001: it can't be read as JSON: there are more than 1000 names"},
		"long":       {`{"a":1}` + "\n" + `{"a":"` + strings.Repeat("x", 17<<20) + `"}`, "2: it can't be read as JSON: an object is larger than 16 MiB"},
		"long_open":  {`{"a":"` + strings.Repeat("x", 17<<20), "an object is larger than 16 MiB"},
		"twice":      {`{"a":1}` + "\n" + `{"a":"s3cret","a":2}`, `2: it can't be read as JSON: the name "a" is there twice`},
		"escaped":    {`{"a":1,"\u0061":2}`, `the name "a" is there twice`},
		"capitals":   {`{"tenant":1}` + "\n" + `{"Tenant":2}`, `the columns "tenant" and "Tenant" have the same name`},
		"latin":      {"{\"a\":1}\n{\"a\":\"s3cret\xe9\"}", "2: it can't be read as JSON: it is not UTF-8"},
		"cut":        {`{"a":1}` + "\n" + `{"a":"s3cret`, "2: it can't be read as JSON: the file ends within an object"},
		"cut_array":  {`[{"a":1},`, "the file ends before its array does"},
		"no_comma":   {`[{"a":1} {"a":2}]`, "it is not JSON"},
		"comma":      {`{"a":1},{"a":2}`, "it must be one array of objects"},
		"two":        {`[{"a":1}] {"a":2}`, "something follows the array's end"},
		"words":      {`{"a": NaN}`, "it is not JSON"},
		"single":     {`{'a': 1}`, "it is not JSON"},
		"trailing":   {`{"a": 1,}`, "it is not JSON"},
		"mismatched": {`{"a": [1}}`, "it is not JSON"},
		"nested":     {`{"data": [{"a": 1}]}`, "no column that Oriel reads"},
	} {
		base := writeFiles(t, map[string]string{name + ".json": c.content})
		refused(t, base, name+".json", c.want)
	}
}

// odd are names that stand for something elsewhere.
var odd = []string{`q"uote`, `semi;colon`, `'); drop table t; --`, "rowid", "oriel_values", "select", "*", "ä", "{{x}}"}

func TestSync_importsOddNamesHarmlessly(t *testing.T) {
	var object, selected []string
	for i, name := range append([]string{"nul\x00", "line\nbreak", strings.Repeat("n", 10<<10), ""}, odd...) {
		object = append(object, strconv.Quote(name)+": "+strconv.Itoa(i))
		selected = append(selected, strconv.Itoa(i)+" as "+`"`+strings.ReplaceAll(name, `"`, `""`)+`"`)
	}
	base := writeFiles(t, map[string]string{"j.json": strings.ReplaceAll("{"+strings.Join(object, ", ")+"}", `\x00`, `\u0000`)})
	statements(t, "", `copy (select `+strings.Join(selected[1:3], ", ")+", "+strings.Join(selected[4:], ", ")+`) to '`+filepath.Join(base, "p.parquet")+`' (format parquet)`)
	for table, left := range map[string]int{"j": 4, "p": 2} {
		data := t.TempDir()
		src, findings, err := syncFiles(t, data, base, map[string]string{"j": "j.json", "p": "p.parquet"}[table])
		if err != nil {
			t.Fatal(err)
		}
		if len(findings.Warnings) != left || !strings.Contains(strings.Join(findings.Warnings, "\n"), `"line\nbreak" is left out`) {
			t.Errorf("%s: %q", table, findings.Warnings)
		}
		for _, w := range findings.Warnings {
			if len(w) > 400 {
				t.Errorf("%s: a warning of %d bytes", table, len(w))
			}
		}
		var want []string
		for _, name := range odd {
			want = append(want, name+" integer")
		}
		if got := typesOf(src, table); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s: %q", table, got)
		}
		if got := rowsOf(t, data, src, table, `select "q""uote", rowid, "select" from `+table); fmt.Sprint(got) != "[[4 7 9]]" {
			t.Errorf("%s: %v", table, got)
		}
	}
}

// parquetOf makes a Parquet file of a query.
func parquetOf(t *testing.T, query string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "made.parquet")
	statements(t, "", `copy (`+query+`) to '`+path+`' (format parquet)`)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// withFooter puts a description of our making behind some data.
func withFooter(footer []byte) []byte {
	out := append([]byte("PAR1"), make([]byte, 64)...)
	out = append(out, footer...)
	return append(binary.LittleEndian.AppendUint32(out, uint32(len(footer))), "PAR1"...)
}

func TestSync_refusesHostileParquet(t *testing.T) {
	good := parquetOf(t, "select 'secret' || range as a, range as b from range(5000)")
	length := int(binary.LittleEndian.Uint32(good[len(good)-8:]))
	footer := good[len(good)-8-length : len(good)-8]
	longFooter := bytes.Clone(good)
	binary.LittleEndian.PutUint32(longFooter[len(longFooter)-8:], 1<<31)
	damaged := bytes.Clone(good)
	for i := 4; i < len(good)-8-length; i++ {
		damaged[i] ^= 0x5a
	}
	names := bytes.Clone(good)
	for i := range names { // two columns of one name but for its capitals
		if i > len(good)-8-length && i+2 < len(names) && names[i] == 1 && names[i+1] == 'b' {
			names[i+1] = 'A'
		}
	}
	// Its rows, 5000, and one more than a table may have.
	rows := bytes.Replace(footer, []byte{0x16, 0x90, 0x4e}, binary.AppendUvarint([]byte{0x16}, 2*1_000_000_001), 1)
	// Version, schema and rows as they are, and a list of row groups that has
	// 2^31-1 of them, none of which is there.
	announced := []byte{0x15, 0x02, 0x19, 0x1c, 0x35, 0x00, 0x18, 0x01, 's', 0x15, 0x00, 0x00, 0x16, 0x02, 0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07}
	empties := append(bytes.Clone(announced[:16]), binary.AppendUvarint(nil, 20_000_000)...)
	empties = append(empties, make([]byte, 20_000_000)...)
	deep := append([]byte{0x15, 0x02}, bytes.Repeat([]byte{0x1c}, 1_000_000)...)
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"empty":      {nil, "its end is damaged"},
		"short":      {[]byte("PAR1PAR1"), "its end is damaged"},
		"text":       {bytes.Repeat([]byte("a,b\n"), 100), "its end is damaged"},
		"cut":        {good[:len(good)-20], "its end is damaged"},
		"cut_front":  {good[100:], "its end is damaged"},
		"footer":     {longFooter, "its end is damaged"},
		"encrypted":  {append(bytes.Clone(good[:len(good)-4]), "PARE"...), "it is encrypted"},
		"half":       {withFooter(footer[:length/2]), "its end is damaged"},
		"announced":  {withFooter(announced), "its end is damaged"},
		"empties":    {withFooter(empties), "describes more than 500000 parts"},
		"deep":       {withFooter(deep), "its end is damaged"},
		"large":      {withFooter(make([]byte, 33<<20)), "larger than 32 MiB"},
		"rows":       {append(append(bytes.Clone(good[:len(good)-8-length]), rows...), append(binary.LittleEndian.AppendUint32(nil, uint32(len(rows))), "PAR1"...)...), "it says that it has 1000000001 rows"},
		"elsewhere":  {withFooter(footer), "it can't be read as Parquet"},
		"pages":      {damaged, "it can't be read as Parquet"},
		"capitals":   {names, `the columns "a" and "A" have the same name`},
		"only_lists": {parquetOf(t, "select [1] a, {'b': 1} b"), "no column that Oriel reads"},
	} {
		base := writeFiles(t, map[string]string{name + ".parquet": string(c.content)})
		refused(t, base, name+".parquet", c.want)
	}
}

func TestSync_endsAnImportThatBecomesALotLargerThanItsFile(t *testing.T) {
	base := writeFiles(t, map[string]string{
		"bomb.parquet": string(parquetOf(t, "select repeat('x', 1000000) || (range % 3) as a from range(200)")),
	})
	if info, err := os.Stat(filepath.Join(base, "bomb.parquet")); err != nil || info.Size() > 1<<20 {
		t.Fatal(info, err)
	}
	refused(t, base, "bomb.parquet", "it would become more than 50 times as large as it is")
}
