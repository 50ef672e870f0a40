package postgres

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// What is written without a detour is what the detour writes.
func TestColumn_writesTextsAsJSONDoes(t *testing.T) {
	random := rand.NewPCG(2001, 3)
	texts := []string{"", "plain", `"`, `\`, "<&>", "\x00\x1f\x7f", "é", "\u2028", "\xff\xfe", "ends in \\"}
	for range 2000 {
		text := make([]byte, random.Uint64()%6)
		for i := range text {
			text[i] = byte(random.Uint64())
		}
		texts = append(texts, string(text))
	}
	for _, text := range texts {
		want, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := appendText(nil, []byte(text)); err != nil || string(got) != string(want) {
			t.Errorf("%q is written as %s, %v; want %s", text, got, err, want)
		}
	}
}

func TestColumn_writesNumbersAsJSONHasThem(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "-0": "-0", "12": "12", "-12.5": "-12.5", "0.1": "0.1", "123456789012345": "123456789012345",
		"1e+15": "1000000000000000", "1e-05": "0.00001", "1e-07": "1e-07", "1e+21": "1e+21", "NaN": "null", "Infinity": "null", "-Infinity": "null",
	} {
		if got, err := appendNumber(nil, []byte(text), 701); err != nil || string(got) != want {
			t.Errorf("%s is written as %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "-", ".5", "5.", "1.2.3", "+1", "0x10", "01", "1_000", "--1", "1,5"} {
		if isPlain([]byte(text)) {
			t.Errorf("%q is taken for a number of JSON", text)
		}
	}
	random := rand.NewPCG(2001, 4)
	for range 2000 {
		v := math.Float64frombits(random.Uint64())
		if math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		written, err := appendNumber(nil, strconv.AppendFloat(nil, v, 'g', -1, 64), 701)
		var read float64
		if err == nil {
			err = json.Unmarshal(written, &read)
		}
		if err != nil || read != v {
			t.Errorf("%g is written as %s, %v", v, written, err)
		}
	}
}

func TestColumn_tellsItsValuesApart(t *testing.T) {
	c := column{kind: oriel.TypeText}
	for _, text := range [][]byte{[]byte("a"), nil, []byte("")} {
		if _, err := c.take(text); err != nil {
			t.Fatal(err)
		}
	}
	first := c.values()
	if _, err := c.take([]byte("later, and longer than all before")); err != nil {
		t.Fatal(err)
	}
	if len(first) != 3 || string(first[0]) != `"a"` || string(first[1]) != "null" || string(first[2]) != `""` {
		t.Errorf("the values are %q", first)
	}
	if rest := c.values(); len(rest) != 1 || string(rest[0]) != `"later, and longer than all before"` {
		t.Errorf("the next part's values are %q", rest)
	}
}
