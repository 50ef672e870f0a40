package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"math"
	"math/big"
	"testing"

	driver "github.com/duckdb/duckdb-go/v2"
)

func FuzzAppendText_isWhatTheLibraryWrites(f *testing.F) {
	for _, text := range []string{"", "DFW", `a "b" \ <c> & 'd'`, "é\u2028\u2029\x00\x1f\x7f\n\r\t\b\f", "\xff\xc3", "😀 long enough to stand elsewhere"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := appendText(nil, []byte(text))
		var read, want string
		if err := json.Unmarshal(got, &read); err != nil {
			t.Fatalf("%s: %v", got, err)
		}
		written, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(written, &want); err != nil || read != want {
			t.Errorf("%q became %q, want %q", text, read, want)
		}
	})
}

func FuzzAppendDecimal_keepsEachDigit(f *testing.F) {
	for _, v := range []int64{0, 5, -5, 150, -150, 1_000_000, math.MaxInt64, math.MinInt64} {
		f.Add(v, uint8(0))
		f.Add(v, uint8(2))
		f.Add(v, uint8(18))
	}
	f.Fuzz(func(t *testing.T, v int64, scale uint8) {
		scale %= 19
		short := string(appendDecimal(nil, v, int(scale)))
		if long := string(appendDigits(nil, big.NewInt(v).String(), int(scale))); short != long {
			t.Errorf("%d with %d digits behind the point is %s and %s", v, scale, short, long)
		}
		exact, ok := new(big.Rat).SetString(short[1 : len(short)-1])
		want := new(big.Rat).SetFrac(big.NewInt(v), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil))
		if !ok || exact.Cmp(want) != 0 {
			t.Errorf("%d with %d digits behind the point is %s", v, scale, short)
		}
	})
}

// The driver keeps its connection to itself; another version may keep it
// elsewhere.
func TestHandleOf_isTheDriversConnection(t *testing.T) {
	connector, err := driver.NewConnector("", nil)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { _ = db.Close() })
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := conn.ExecContext(t.Context(), "create temp table mine as select 42 as n"); err != nil {
		t.Fatal(err)
	}
	err = conn.Raw(func(raw any) error {
		handle, err := handleOf(raw)
		if err != nil {
			return err
		}
		c := connection{Conn: conn}
		defer c.forget()
		statement, err := c.statement(handle, "select n from mine")
		if err != nil {
			return err
		}
		rows, err := openStream(statement, nil)
		if err != nil {
			return err
		}
		rows.close()
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if _, err := handleOf("none"); err == nil {
		t.Error("a text passed for a connection")
	}
}
