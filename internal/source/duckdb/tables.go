package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	driver "github.com/duckdb/duckdb-go/v2"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// describeFile reads which tables and columns a database file of ours has; they
// must be as many as are wanted, or any when wanted is 0. The rows of each are as
// the file tells them, and so are the warnings about what was left out.
func describeFile(ctx context.Context, path string, wanted int) (found []oriel.SourceTable, findings oriel.SyncFindings, err error) {
	none := oriel.SyncFindings{}
	if _, err := os.Stat(path); err != nil {
		return nil, none, err
	}
	// Attached to an instance of its own: the driver shares those of a path
	// within the process, and a running engine's has other settings.
	connector, err := driver.NewConnector("", nil)
	if err != nil {
		return nil, none, fmt.Errorf("open the imported file: %w", err)
	}
	db := sql.OpenDB(connector)
	defer func() { err = errors.Join(err, db.Close()) }()
	attach := strings.Join([]string{"attach", quoteText(path), "as imported (read_only)"}, " ")
	if _, err := db.ExecContext(ctx, attach); err != nil {
		return nil, none, fmt.Errorf("open the imported file: %w", err)
	}
	rows, err := db.QueryContext(ctx, `select table_name, column_name, data_type, coalesce(comment, '') from duckdb_columns()
		where database_name = 'imported' and schema_name = 'main' order by table_name, column_index`)
	if err != nil {
		return nil, none, fmt.Errorf("list the imported tables: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var table, name, engine, native string
		if err := rows.Scan(&table, &name, &engine, &native); err != nil {
			return nil, none, fmt.Errorf("list the imported tables: %w", err)
		}
		kind, ok := columnType(engine)
		if !ok {
			return nil, none, oriel.E(oriel.CodeInvalidRequest, "%s.csv: the column %q has the type %s, which Oriel doesn't read; write it as text", table, name, engine)
		}
		if len(found) == 0 || found[len(found)-1].Name != table {
			found = append(found, oriel.SourceTable{Name: table})
		}
		last := &found[len(found)-1]
		last.Columns = append(last.Columns, oriel.SourceColumn{Name: name, Type: kind, Native: native})
	}
	if err := rows.Err(); err != nil {
		return nil, none, fmt.Errorf("list the imported tables: %w", err)
	}
	slices.SortFunc(found, func(a, b oriel.SourceTable) int { return strings.Compare(a.Name, b.Name) })
	if len(found) == 0 || wanted > 0 && len(found) != wanted {
		return nil, none, fmt.Errorf("the imported file has %d tables, not %d", len(found), wanted)
	}
	findings.Rows = map[string]int64{}
	sizes, err := db.QueryContext(ctx, `select table_name, estimated_size, coalesce(comment, '') from duckdb_tables()
		where database_name = 'imported' and schema_name = 'main' order by table_name`)
	if err != nil {
		return nil, none, fmt.Errorf("count the rows of the imported tables: %w", err)
	}
	defer sizes.Close()
	for sizes.Next() {
		var table, said string
		var count int64
		if err := sizes.Scan(&table, &count, &said); err != nil {
			return nil, none, fmt.Errorf("count the rows of the imported tables: %w", err)
		}
		findings.Rows[table] = count
		warnings, err := saidWarnings(said)
		if err != nil {
			return nil, none, err
		}
		findings.Warnings = append(findings.Warnings, warnings...)
	}
	return found, findings, sizes.Err()
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
