package duckdb

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// maxTables are as many as are copied from a database file.
const maxTables = 1000

// importDatabase copies the tables of a database file's schema main, one by one.
// Nothing else of it has an effect: views and macros are not even listed, columns
// that are computed are left out, and tables are created anew with plain types.
func importDatabase(ctx context.Context, db *sql.DB, t table, path string) error {
	if err := checkHeader(t.file, path); err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, strings.Join([]string{"attach", quoteText(path), "as given (read_only)"}, " ")); err != nil {
		return importFault(ctx, t.file, notDatabase, err)
	}
	names, left, err := databaseTables(ctx, db, t.file)
	if err != nil {
		return databaseFault(ctx, t.file, err)
	}
	first := ""
	for _, name := range names {
		warnings, made, err := copyTable(ctx, db, t.file, name)
		if err != nil {
			return databaseFault(ctx, t.file, err)
		}
		if !made {
			left = append(left, warnings...)
			continue
		}
		if first == "" {
			first = name
		}
		if err := keepWarnings(ctx, db, name, warnings); err != nil {
			return err
		}
	}
	if first == "" {
		return oriel.E(oriel.CodeInvalidRequest, "%s: its schema main has no table that Oriel reads", t.file)
	}
	if len(left) > 0 { // the warnings about what became no table are kept with the first one that there is
		var said string
		if err := db.QueryRowContext(ctx, `select coalesce(comment, '') from duckdb_tables() where database_name = current_database() and table_name = ?`, first).Scan(&said); err != nil {
			return err
		}
		own, err := saidWarnings(said)
		if err != nil {
			return err
		}
		if err := keepWarnings(ctx, db, first, append(left, own...)); err != nil {
			return err
		}
	}
	if _, err := db.ExecContext(ctx, `detach given`); err != nil {
		return databaseFault(ctx, t.file, err)
	}
	return nil
}

// newestStorage is the newest form of database files that the engine reads.
const newestStorage = 68

const notDatabase = "it can't be read as a DuckDB database: it is damaged, or encrypted"

// checkHeader reads how a database file begins: a checksum, what it is, and the
// version of its form.
func checkHeader(name, path string) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return cantRead(name, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	var head [20]byte
	if _, err := io.ReadFull(file, head[:]); err != nil || string(head[8:12]) != "DUCK" {
		return oriel.E(oriel.CodeInvalidRequest, "%s: %s", name, notDatabase)
	}
	if binary.LittleEndian.Uint64(head[12:]) > newestStorage {
		return oriel.E(oriel.CodeInvalidRequest, "%s: it was written by a version of DuckDB that Oriel's engine doesn't read: export its tables as Parquet", name)
	}
	return nil
}

func databaseFault(ctx context.Context, file string, err error) error {
	return importFault(ctx, file, "a table of it can't be copied: the file is damaged", err)
}

// databaseTables are those that can be copied, with a sentence for each other.
func databaseTables(ctx context.Context, db *sql.DB, file string) (names, warnings []string, err error) {
	rows, err := db.QueryContext(ctx, `select schema_name, table_name from duckdb_tables()
		where database_name = 'given' and not internal and not temporary order by schema_name, table_name`)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var schema, name string
		if err := rows.Scan(&schema, &name); err != nil {
			return nil, nil, err
		}
		switch {
		case schema != "main":
			warnings = append(warnings, fmt.Sprintf("%s: the table %s is left out: its schema is %s, not main", file, oriel.Quoted(name), oriel.Quoted(schema)))
		case !tableText.MatchString(name) || reservedName(foldName(name)):
			warnings = append(warnings, fmt.Sprintf("%s: the table %s is left out: a name has letters, digits and _, at most 63, and none of the prefixes oriel_ duckdb_ pragma_ pg_ sqlite_", file, oriel.Quoted(name)))
		case len(names) == maxTables:
			return nil, nil, oriel.E(oriel.CodeInvalidRequest, "%s: it has more than %d tables", file, maxTables)
		default:
			names = append(names, name)
		}
	}
	return names, warnings, rows.Err()
}

// copyTable copies one table; made is false for one without a column that can be.
func copyTable(ctx context.Context, db *sql.DB, file, name string) (warnings []string, made bool, err error) {
	where := file + ": " + name
	columns, computed, err := tableColumns(ctx, db, where, name)
	if err != nil {
		return nil, false, err
	}
	if !slices.ContainsFunc(columns, func(c given) bool { _, ok := storedAs(c.name, c.engine); return ok && plainName(c.name) }) {
		return append(computed, where+" is left out: it has no column that Oriel reads"), false, nil
	}
	kept, warnings, err := choose(where, columns)
	if err != nil {
		return nil, false, err
	}
	if err := create(ctx, db, name, kept); err != nil {
		return nil, false, err
	}
	if _, err := db.ExecContext(ctx, filling(name, "given.main."+quoteName(name), kept)); err != nil {
		return nil, false, err
	}
	return append(computed, warnings...), true, nil
}

// tableColumns are those that a table holds. The engine tells of what is computed
// by an expression only as it tells of a default: what has one and is not stored
// is taken for computed where the table's own text says that something is.
func tableColumns(ctx context.Context, db *sql.DB, where, name string) (columns []given, warnings []string, err error) {
	var text string
	if err := db.QueryRowContext(ctx, `select coalesce(sql, '') from duckdb_tables()
		where database_name = 'given' and schema_name = 'main' and table_name = ?`, name).Scan(&text); err != nil {
		return nil, nil, err
	}
	computes := strings.Contains(strings.ToUpper(text), "GENERATED ALWAYS AS")
	describing := strings.Join([]string{`select column_name, data_type, column_default is not null and
		column_name not in (select column_name from pragma_storage_info(`, quoteText("given.main." + quoteName(name)), `)) from duckdb_columns()
		where database_name = 'given' and schema_name = 'main' and table_name = ? order by column_index`}, "")
	rows, err := db.QueryContext(ctx, describing, name)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var column given
		var expression bool
		if err := rows.Scan(&column.name, &column.engine, &expression); err != nil {
			return nil, nil, err
		}
		if expression && computes {
			warnings = append(warnings, fmt.Sprintf("%s: the column %s is left out: it is computed, not stored", where, oriel.Quoted(column.name)))
			continue
		}
		columns = append(columns, column)
	}
	return columns, warnings, rows.Err()
}
