package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	bindings "github.com/duckdb/duckdb-go-bindings"
)

// The engine's memory is read as it was in the version that this was written
// for: see handle.go and vector.go. Two rows of every kind tell, before any
// question does, whether that still holds.
const probeText = `select * from (values
	(true, 1::tinyint, -2::smallint, 3::integer, -9007199254740991::bigint, 12345678901234567890123::hugeint, 0.5::float, -0.25::double, 1.25::decimal(4, 2),
	12345678901234.5::decimal(30, 1), 'twelve bytes', 'more than twelve bytes', date '2001-02-03', timestamp '2001-02-03 04:05:06.789', time '04:05:06'),
	(null, null, null, null, null, null, null, null, null, null, null, null, null, null, null)) v`

const probeAnswer = `true 1 -2 3 -9007199254740991 "12345678901234567890123" 0.5 -0.25 "1.25" "12345678901234.5" "twelve bytes" "more than twelve bytes" ` +
	`"2001-02-03" "2001-02-03T04:05:06.789" "04:05:06"` + "\n" + `null null null null null null null null null null null null null null null` + "\n"

// probe fails where values would be read wrongly.
func probe(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(raw any) error {
		handle, err := handleOf(raw)
		if err != nil {
			return err
		}
		answer, err := probed(handle)
		if err != nil {
			return err
		}
		if answer != probeAnswer {
			return fmt.Errorf("the engine's values are not where they were: %s", answer)
		}
		return nil
	})
}

func probed(handle bindings.Connection) (string, error) {
	c := connection{}
	defer c.forget()
	statement, err := c.statement(handle, probeText)
	if err != nil {
		return "", err
	}
	rows, err := openStream(statement, nil)
	if err != nil {
		return "", err
	}
	defer rows.close()
	columns, err := describe(&rows.result, false)
	if err != nil {
		return "", err
	}
	count := 0
	for more := true; more; {
		more, err = rows.next(func(chunk bindings.DataChunk, rows int) error {
			for _, c := range columns {
				c.take(chunk, rows)
			}
			count += rows
			return nil
		})
		if err != nil {
			return "", err
		}
	}
	lines := make([][]string, count)
	for _, c := range columns {
		for i, value := range c.finish() {
			lines[i] = append(lines[i], string(value))
		}
	}
	var answer strings.Builder
	for _, line := range lines {
		answer.WriteString(strings.Join(line, " ") + "\n")
	}
	return answer.String(), nil
}
