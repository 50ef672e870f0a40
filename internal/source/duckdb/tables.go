package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	driver "github.com/duckdb/duckdb-go/v2"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// importTables reads copied CSV files into a new database file, on a writable
// instance of its own that can read the folder of the copies and nothing else.
func importTables(ctx context.Context, path, work string, files, tables []string, report func(oriel.SyncProgress)) (err error) {
	if _, err := databasePath(work, filepath.Base(path)); err != nil {
		return err
	}
	v := url.Values{}
	for _, off := range []string{"autoload_known_extensions", "autoinstall_known_extensions", "allow_community_extensions", "allow_persistent_secrets"} {
		v.Set(off, "false")
	}
	connector, err := driver.NewConnector(path+"?"+v.Encode(), nil)
	if err != nil {
		return fmt.Errorf("create the database file: %w", err)
	}
	db := sql.OpenDB(connector)
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	for _, statement := range []string{
		`set allowed_directories = [` + quoteText(work) + `]`,
		`set enable_external_access = false`,
		`set lock_configuration = true`,
	} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("restrict the import: %w", err)
		}
	}
	progress := oriel.SyncProgress{Phase: oriel.SyncImporting, Tables: len(tables)}
	for i, table := range tables {
		progress.Done = i
		report(progress)
		// TIME is not among the candidates, so that such columns stay texts.
		create := strings.Join([]string{"create table", quoteName(table), "as select * from read_csv(", quoteText(filepath.Join(work, table+".csv")),
			`, header = true, delim = ',', quote = '"', escape = '"', sample_size = -1,
			auto_type_candidates = ['BOOLEAN', 'BIGINT', 'DOUBLE', 'DATE', 'TIMESTAMP', 'VARCHAR'])`}, " ")
		_, err := db.ExecContext(ctx, create)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return csvFault(files[i], filepath.Join(work, table+".csv"))
		}
		// Lines of unequal length make the engine take another line for the
		// one that names the columns, and leave out those above it.
		var columns int
		var rows int64
		err = db.QueryRowContext(ctx, `select column_count, estimated_size from duckdb_tables() where table_name = ?`, table).Scan(&columns, &rows)
		if err != nil {
			return fmt.Errorf("count the columns of %s: %w", files[i], err)
		}
		if columns != columnsOf(filepath.Join(work, table+".csv")) {
			return csvFault(files[i], filepath.Join(work, table+".csv"))
		}
		progress.Rows += rows
	}
	progress.Done, progress.Phase = len(tables), oriel.SyncSaving
	report(progress)
	if _, err := db.ExecContext(ctx, `checkpoint`); err != nil {
		return fmt.Errorf("complete the database file: %w", err)
	}
	return nil
}

// describeFile reads which tables and columns a database file has; they must
// be those wanted. The rows of each are as the file tells them.
func describeFile(ctx context.Context, path string, tables []string) (found []oriel.SourceTable, counts map[string]int64, err error) {
	if _, err := os.Stat(path); err != nil {
		return nil, nil, err
	}
	// Attached to an instance of its own: the driver shares those of a path
	// within the process, and a running engine's has other settings.
	connector, err := driver.NewConnector("", nil)
	if err != nil {
		return nil, nil, fmt.Errorf("open the imported file: %w", err)
	}
	db := sql.OpenDB(connector)
	defer func() { err = errors.Join(err, db.Close()) }()
	attach := strings.Join([]string{"attach", quoteText(path), "as imported (read_only)"}, " ")
	if _, err := db.ExecContext(ctx, attach); err != nil {
		return nil, nil, fmt.Errorf("open the imported file: %w", err)
	}
	rows, err := db.QueryContext(ctx, `select table_name, column_name, data_type from duckdb_columns()
		where database_name = 'imported' and schema_name = 'main' order by table_name, column_index`)
	if err != nil {
		return nil, nil, fmt.Errorf("list the imported tables: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var table, name, engine string
		if err := rows.Scan(&table, &name, &engine); err != nil {
			return nil, nil, fmt.Errorf("list the imported tables: %w", err)
		}
		kind, ok := columnType(engine)
		if !ok {
			return nil, nil, oriel.E(oriel.CodeInvalidRequest, "%s.csv: the column %q has the type %s, which Oriel doesn't read; write it as text", table, name, engine)
		}
		if len(found) == 0 || found[len(found)-1].Name != table {
			found = append(found, oriel.SourceTable{Name: table})
		}
		last := &found[len(found)-1]
		last.Columns = append(last.Columns, oriel.SourceColumn{Name: name, Type: kind})
	}
	if err := rows.Err(); err != nil {
		return nil, nil, fmt.Errorf("list the imported tables: %w", err)
	}
	slices.SortFunc(found, func(a, b oriel.SourceTable) int { return strings.Compare(a.Name, b.Name) })
	if len(found) != len(tables) {
		return nil, nil, fmt.Errorf("the imported file has %d tables, not %d", len(found), len(tables))
	}
	counts = map[string]int64{}
	sizes, err := db.QueryContext(ctx, `select table_name, estimated_size from duckdb_tables() where database_name = 'imported' and schema_name = 'main'`)
	if err != nil {
		return nil, nil, fmt.Errorf("count the rows of the imported tables: %w", err)
	}
	defer sizes.Close()
	for sizes.Next() {
		var table string
		var count int64
		if err := sizes.Scan(&table, &count); err != nil {
			return nil, nil, fmt.Errorf("count the rows of the imported tables: %w", err)
		}
		counts[table] = count
	}
	return found, counts, sizes.Err()
}

// columnType is our type for a table's column.
func columnType(engine string) (oriel.ColumnType, bool) {
	switch engine {
	case "VARCHAR":
		return oriel.TypeText, true
	case "BOOLEAN":
		return oriel.TypeBoolean, true
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER":
		return oriel.TypeInteger, true
	case "HUGEINT", "UBIGINT", "UHUGEINT":
		return oriel.TypeInteger64, true
	case "FLOAT", "DOUBLE":
		return oriel.TypeNumber, true
	case "DATE":
		return oriel.TypeDate, true
	case "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS":
		return oriel.TypeTimestamp, true
	}
	if strings.HasPrefix(engine, "DECIMAL(") {
		return oriel.TypeDecimal, true
	}
	return "", false
}

// quoteText writes a text so that it stands for nothing else.
func quoteText(text string) string {
	return `'` + strings.ReplaceAll(text, `'`, `''`) + `'`
}
