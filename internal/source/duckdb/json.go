package duckdb

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"io"
	"os"

	driver "github.com/duckdb/duckdb-go/v2"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// appendedBytes are as many as wait for the engine at most.
const appendedBytes = 16 << 20

// importJSON makes a table of a JSON file's objects. The file is read by code of
// ours twice, first for the names and types and then for the values, so that
// the engine sees values only and every number stays as it is written.
func importJSON(ctx context.Context, db *sql.DB, t table, path string) ([]string, error) {
	columns, err := jsonColumns(ctx, t, path)
	if err != nil {
		return nil, err
	}
	all := make([]given, len(columns))
	for i, c := range columns {
		engine, _ := c.engine()
		if all[i] = (given{c.name, engine}); engine == "" {
			all[i].engine = "LIST or OBJECT"
		}
	}
	kept, warnings, err := choose(t.file, all)
	if err != nil {
		return nil, err
	}
	places, kinds := map[string]int{}, make([]*jsonColumn, len(kept))
	for i := range kept {
		places[kept[i].name] = i
		for _, c := range columns {
			if c.name == kept[i].name {
				kinds[i] = c
				_, kept[i].native = c.engine()
			}
		}
	}
	if err := create(ctx, db, t.name, kept); err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	err = conn.Raw(func(raw any) error {
		appender, err := driver.NewAppenderFromConn(raw.(sqldriver.Conn), "", t.name)
		if err != nil {
			return err
		}
		err = fillJSON(ctx, appender, path, kept, kinds, places)
		if err != nil {
			return errors.Join(err, appender.Clear(), appender.Close())
		}
		return appender.CloseWithCancel(ctx)
	})
	return warnings, errors.Join(err, conn.Close())
}

// jsonColumns finds the columns, in the order in which they come.
func jsonColumns(ctx context.Context, t table, path string) ([]*jsonColumn, error) {
	var columns []*jsonColumn
	places := map[string]int{}
	last := map[int]int{} // by place, the record that has it
	n := 0
	err := eachRecord(ctx, path, func(all []member, line int) error {
		n++
		for _, m := range all {
			place, found := places[m.name]
			if !found {
				if place = len(columns); place == maxColumns {
					return wrongJSON{line, fmt.Sprintf("there are more than %d names; a table may have that many columns", maxColumns)}
				}
				places[m.name] = place
				columns = append(columns, newJSONColumn(m.name))
			}
			if last[place] == n {
				return wrongJSON{line, "the name " + oriel.Quoted(m.name) + " is there twice"}
			}
			last[place] = n
			if err := columns[place].see(m.raw); err != nil {
				return err
			}
		}
		return nil
	})
	var wrong wrongJSON
	switch {
	case errors.As(err, &wrong):
		return nil, oriel.E(oriel.CodeInvalidRequest, "%s:%d: it can't be read as JSON: %s", t.file, wrong.line, wrong.what)
	case err == nil && len(columns) == 0:
		return nil, oriel.E(oriel.CodeInvalidRequest, "%s: it can't be read as JSON: %s", t.file, neededJSON)
	}
	return columns, err
}

// eachRecord reads a file's objects.
func eachRecord(ctx context.Context, path string, each func(all []member, line int) error) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	from := newRecords(untilDone{ctx, file})
	var all []member
	for {
		raw, err := from.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if all, err = members(raw, all[:0]); err != nil {
			return err
		}
		if err := each(all, from.line); err != nil {
			return err
		}
	}
}

func fillJSON(ctx context.Context, appender *driver.Appender, path string, kept []stored, kinds []*jsonColumn, places map[string]int) error {
	row := make([]sqldriver.Value, len(kept))
	waiting := 0
	return eachRecord(ctx, path, func(all []member, _ int) error {
		clear(row)
		for _, m := range all {
			place, found := places[m.name]
			if !found {
				continue
			}
			value, err := kinds[place].value(m.raw, kept[place].engine)
			if err != nil {
				return err
			}
			row[place] = value
			waiting += len(m.raw)
		}
		if err := appender.AppendRow(row...); err != nil {
			return err
		}
		if waiting > appendedBytes {
			waiting = 0
			return appender.FlushWithCancel(ctx)
		}
		return nil
	})
}
