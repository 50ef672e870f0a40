package duckdb

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Bounds of a Parquet file, for what the engine holds of it at a time.
const (
	maxFooter    = 32 << 20 // bytes
	maxStructs   = 500_000  // in the footer: a row group has one a column, and some more
	maxValues    = 4_000_000
	maxTableRows = 1_000_000_000
)

// importParquet makes a table of a Parquet file.
func importParquet(ctx context.Context, db *sql.DB, t table, path string) (warnings []string, err error) {
	if err := checkFooter(t.file, path); err != nil {
		return nil, err
	}
	var rows int64
	if err := db.QueryRowContext(ctx, `select num_rows from parquet_file_metadata(`+quoteText(path)+`)`).Scan(&rows); err != nil {
		return nil, parquetFault(ctx, t.file, err)
	}
	if rows > maxTableRows {
		return nil, oriel.E(oriel.CodeInvalidRequest, "%s: it says that it has %d rows; a table may have %d", t.file, rows, maxTableRows)
	}
	names, err := parquetNames(ctx, db, path)
	if err != nil {
		return nil, parquetFault(ctx, t.file, err)
	}
	from := `read_parquet(` + quoteText(path) + `, hive_partitioning = false, filename = false, union_by_name = false)`
	columns, err := described(ctx, db, from)
	if err != nil {
		return nil, parquetFault(ctx, t.file, err)
	}
	if len(columns) != len(names) {
		return nil, parquetFault(ctx, t.file, errors.New("the engine sees other columns than the file has"))
	}
	for i := range columns {
		if foldName(columns[i].name) != foldName(names[i]) { // the engine gives another name to the second of two
			columns[i].name = names[i]
		}
	}
	kept, warnings, err := choose(t.file, columns)
	if err != nil {
		return nil, err
	}
	if err := create(ctx, db, t.name, kept); err != nil {
		return nil, err
	}
	if _, err := db.ExecContext(ctx, filling(t.name, from, kept)); err != nil {
		return nil, parquetFault(ctx, t.file, err)
	}
	return warnings, nil
}

// parquetNames are the columns' names as they are in the file.
func parquetNames(ctx context.Context, db *sql.DB, path string) ([]string, error) {
	text := strings.Join([]string{`select name, coalesce(num_children, 0) from parquet_schema(`, quoteText(path), `)`}, "")
	rows, err := db.QueryContext(ctx, text)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var names []string
	below := []int64{} // as many children as are to come, at each depth
	for first := true; rows.Next(); first = false {
		var name string
		var children int64
		if err := rows.Scan(&name, &children); err != nil {
			return nil, err
		}
		for len(below) > 0 && below[len(below)-1] == 0 {
			below = below[:len(below)-1]
		}
		if !first {
			if len(below) == 0 {
				return nil, errThrift
			}
			if len(below) == 1 {
				names = append(names, name)
			}
			below[len(below)-1]--
		}
		if children > 0 {
			below = append(below, children)
		}
	}
	return names, rows.Err()
}

// checkFooter reads what the engine would read first, and makes sure that it is
// what it says.
func checkFooter(name, path string) (err error) {
	wrong := oriel.E(oriel.CodeInvalidRequest, "%s: it can't be read as Parquet: its end is damaged", name)
	file, err := os.Open(path)
	if err != nil {
		return cantRead(name, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return cantRead(name, err)
	}
	var head [4]byte
	var tail [8]byte
	if info.Size() < 12 {
		return wrong
	}
	if _, err := file.ReadAt(head[:], 0); err != nil {
		return cantRead(name, err)
	}
	if _, err := file.ReadAt(tail[:], info.Size()-8); err != nil {
		return cantRead(name, err)
	}
	length := int64(binary.LittleEndian.Uint32(tail[:4]))
	switch {
	case string(tail[4:]) == "PARE":
		return oriel.E(oriel.CodeInvalidRequest, "%s: it is encrypted, which Oriel doesn't read", name)
	case string(head[:]) != "PAR1" || string(tail[4:]) != "PAR1" || length > info.Size()-12:
		return wrong
	case length > maxFooter:
		return oriel.E(oriel.CodeInvalidRequest, "%s: the description of its columns and row groups is larger than %d MiB: write it with larger row groups", name, maxFooter>>20)
	}
	footer := make([]byte, length)
	if _, err := file.ReadAt(footer, info.Size()-8-length); err != nil {
		return cantRead(name, err)
	}
	walk := thrift{bytes: footer, structs: maxStructs, values: maxValues}
	if err := walk.structure(0); err != nil {
		return &oriel.Error{Code: oriel.CodeInvalidRequest, Err: err,
			Message: fmt.Sprintf("%s: it can't be read as Parquet: its end is damaged, or describes more than %d parts", name, maxStructs)}
	}
	return nil
}

func parquetFault(ctx context.Context, file string, err error) error {
	return importFault(ctx, file, "it can't be read as Parquet: it is damaged, or made in a way that the engine doesn't know", err)
}
