package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	driver "github.com/duckdb/duckdb-go/v2"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// importMemory is what an import may use, in bytes; what needs more than that
// goes to a folder beside the new file.
const importMemory = 1 << 30

// maxWarnings are kept of a table.
const maxWarnings = 50

// openImport opens a new database file on a writable instance of its own, which
// can reach the folder of the file and of the copies and nothing else.
func openImport(ctx context.Context, path, work string, spilled int64) (*sql.DB, error) {
	if _, err := databasePath(work, filepath.Base(path)); err != nil {
		return nil, err
	}
	v := url.Values{}
	for _, off := range []string{"autoload_known_extensions", "autoinstall_known_extensions", "allow_community_extensions", "allow_persistent_secrets"} {
		v.Set(off, "false")
	}
	v.Set("memory_limit", strconv.Itoa(importMemory)+"B")
	v.Set("max_temp_directory_size", strconv.FormatInt(spilled, 10)+"B")
	v.Set("threads", strconv.Itoa(min(runtime.NumCPU(), 4)))
	v.Set("max_expression_depth", strconv.Itoa(maxExpressionDepth))
	connector, err := driver.NewConnector(path+"?"+v.Encode(), nil)
	if err != nil {
		return nil, fmt.Errorf("create the database file: %w", err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	for _, statement := range []string{
		`set TimeZone = 'UTC'`,
		`set temp_directory = ` + quoteText(filepath.Join(work, "spilled")),
		`set allowed_directories = [` + quoteText(work) + `]`,
		`set enable_external_access = false`,
		`set lock_configuration = true`,
	} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return nil, errors.Join(fmt.Errorf("restrict the import: %w", err), db.Close())
		}
	}
	return db, nil
}

// importTables reads copied files into a new database file.
func importTables(ctx context.Context, path, work string, tables []table, report func(oriel.SyncProgress)) (err error) {
	asked := ctx
	ctx, most, stop := notSwollen(asked, work)
	defer stop()
	db, err := openImport(ctx, path, work, most)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	progress := oriel.SyncProgress{Phase: oriel.SyncImporting, Tables: len(tables)}
	for i, t := range tables {
		progress.Done = i
		report(progress)
		copied := filepath.Join(work, t.copied())
		var warnings []string
		switch t.format {
		case formatCSV:
			err = importCSV(ctx, db, t, copied)
		case formatParquet:
			warnings, err = importParquet(ctx, db, t, copied)
		case formatDatabase:
			err = importDatabase(ctx, db, t, copied)
		case formatJSON, formatNDJSON, formatJSONL:
			warnings, err = importJSON(ctx, db, t, copied)
		}
		if asked.Err() != nil {
			return asked.Err()
		}
		if errors.Is(context.Cause(ctx), errSwollen) {
			return oriel.E(oriel.CodeInvalidRequest, "%s: it would become more than %d times as large as it is", t.file, mostSwelling)
		}
		if err != nil {
			return importFault(ctx, t.file, "it can't be imported", err)
		}
		if err := keepWarnings(ctx, db, t.name, warnings); err != nil {
			return err
		}
		var rows int64
		if err := db.QueryRowContext(ctx, `select coalesce(sum(estimated_size), 0)::bigint from duckdb_tables() where table_name = ? or ?`, t.name, t.format == formatDatabase).Scan(&rows); err != nil {
			return fmt.Errorf("count the rows of %s: %w", t.file, err)
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

// create makes a table, and marks its moments.
func create(ctx context.Context, db *sql.DB, table string, columns []stored) error {
	if _, err := db.ExecContext(ctx, definition(table, columns)); err != nil {
		return fmt.Errorf("create the table %s: %w", table, err)
	}
	for _, column := range columns {
		if column.native == "" {
			continue
		}
		mark := strings.Join([]string{"comment on column main.", quoteName(table), ".", quoteName(column.name), " is ", quoteText(column.native)}, "")
		if _, err := db.ExecContext(ctx, mark); err != nil {
			return fmt.Errorf("mark the moments of %s: %w", table, err)
		}
	}
	return nil
}

// keepWarnings keeps in the file what was said about making it, since the same
// files are not read again.
func keepWarnings(ctx context.Context, db *sql.DB, table string, warnings []string) error {
	if len(warnings) == 0 {
		return nil
	}
	if more := len(warnings) - maxWarnings; more > 0 {
		warnings = append(warnings[:maxWarnings:maxWarnings], fmt.Sprintf("%s: %d more are left out", table, more))
	}
	text, err := json.Marshal(warnings)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, strings.Join([]string{"comment on table main.", quoteName(table), " is ", quoteText(string(text))}, ""))
	if err != nil {
		return fmt.Errorf("keep the warnings about %s: %w", table, err)
	}
	return nil
}

// saidWarnings reads what keepWarnings kept.
func saidWarnings(text string) (warnings []string, err error) {
	if text == "" {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(text), &warnings); err != nil {
		return nil, fmt.Errorf("read the warnings about the imported tables: %w", err)
	}
	return warnings, nil
}

// described are the columns of something that can be read from.
func described(ctx context.Context, db *sql.DB, from string) (columns []given, err error) {
	text := strings.Join([]string{`select column_name, column_type from (describe select * from`, from, `)`}, " ")
	rows, err := db.QueryContext(ctx, text)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var column given
		if err := rows.Scan(&column.name, &column.engine); err != nil {
			return nil, err
		}
		columns = append(columns, column)
	}
	return columns, rows.Err()
}

// importFault is the error of a file that can't be imported. The engine's words
// name our copy and quote values: they are for the log, without them.
func importFault(ctx context.Context, file, what string, err error) error {
	var ours *oriel.Error
	var engine *driver.Error
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &ours):
		return err
	case errors.As(err, &engine) && engine.Type == driver.ErrorTypeOutOfMemory:
		what = fmt.Sprintf("it needs more memory than an import may use (%d MiB)", importMemory>>20)
	}
	return &oriel.Error{Code: oriel.CodeInvalidRequest, Message: file + ": " + what, Err: withoutValues{err}}
}

// importCSV makes a table of a CSV file.
func importCSV(ctx context.Context, db *sql.DB, t table, path string) error {
	// TIME is not among the candidates, so that such columns stay texts.
	text := strings.Join([]string{"create table", quoteName(t.name), "as select * from read_csv(", quoteText(path),
		`, header = true, delim = ',', quote = '"', escape = '"', sample_size = -1,
		auto_type_candidates = ['BOOLEAN', 'BIGINT', 'DOUBLE', 'DATE', 'TIMESTAMP', 'VARCHAR'])`}, " ")
	_, err := db.ExecContext(ctx, text)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var engine *driver.Error
	if errors.As(err, &engine) && engine.Type == driver.ErrorTypeOutOfMemory {
		return importFault(ctx, t.file, "", err)
	}
	if err != nil {
		return csvFault(t.file, path)
	}
	// Lines of unequal length make the engine take another line for the
	// one that names the columns, and leave out those above it.
	var columns int
	if err := db.QueryRowContext(ctx, `select column_count from duckdb_tables() where table_name = ?`, t.name).Scan(&columns); err != nil {
		return fmt.Errorf("count the columns of %s: %w", t.file, err)
	}
	if columns != columnsOf(path) {
		return csvFault(t.file, path)
	}
	return nil
}
