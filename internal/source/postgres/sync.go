package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// syncTimeout bounds the reading of a server's catalog.
const syncTimeout = time.Minute

// Sync reads which tables a declared source has, as its role may read them,
// with their columns and keys; no row of any table. Columns of a type that
// Oriel doesn't read are left out. The findings have warnings, which tell what
// the login may do that it need not, and about how many rows there are. report,
// unless it is nil, is told of the progress. Errors: invalid_request with the
// reason, in the driver's own words where it can't connect, never with the
// password.
func Sync(ctx context.Context, wanted oriel.Source, report func(oriel.SyncProgress)) (found oriel.Source, findings oriel.SyncFindings, err error) {
	ctx, cancel := context.WithTimeout(ctx, syncTimeout)
	defer cancel()
	if report == nil {
		report = func(oriel.SyncProgress) {}
	}
	report(oriel.SyncProgress{Phase: oriel.SyncConnecting})
	refused := func(format string, args ...any) error { return oriel.E(oriel.CodeInvalidRequest, format, args...) }
	pool, err := openPool(wanted, 1)
	if err != nil {
		return oriel.Source{}, oriel.SyncFindings{}, err
	}
	defer pool.Close()
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return oriel.Source{}, oriel.SyncFindings{}, refused("its server can't be reached: %s", cause(wanted, err))
	}
	defer conn.Release()
	if err := execute(ctx, conn.Conn().PgConn(), begin(wanted.Role, syncTimeout)); err != nil {
		return oriel.Source{}, oriel.SyncFindings{}, refused("its login can't be used as it is declared: %s", cause(wanted, err))
	}
	report(oriel.SyncProgress{Phase: oriel.SyncListing})
	found = wanted
	if found.Tables, err = readTables(ctx, conn.Conn(), wanted); err != nil {
		return oriel.Source{}, oriel.SyncFindings{}, describeFault(wanted, err)
	}
	report(oriel.SyncProgress{Phase: oriel.SyncListing, Tables: len(found.Tables)})
	if err := readKeys(ctx, conn.Conn(), wanted.Schema, found.Tables); err != nil {
		return oriel.Source{}, oriel.SyncFindings{}, describeFault(wanted, err)
	}
	if findings.Rows, err = estimateRows(ctx, conn.Conn(), wanted.Schema, found.Tables); err != nil {
		return oriel.Source{}, oriel.SyncFindings{}, describeFault(wanted, err)
	}
	if findings.Warnings, err = mayWrite(ctx, conn.Conn(), wanted); err != nil {
		return oriel.Source{}, oriel.SyncFindings{}, describeFault(wanted, err)
	}
	if wanted.NativeSecurity {
		open, err := withoutSecurity(ctx, conn.Conn(), found)
		if err != nil {
			return oriel.Source{}, oriel.SyncFindings{}, describeFault(wanted, err)
		}
		findings.Warnings = append(findings.Warnings, open...)
	}
	report(oriel.SyncProgress{Phase: oriel.SyncListing, Done: len(found.Tables), Tables: len(found.Tables)})
	made, err := json.Marshal(found.Tables)
	if err != nil {
		return oriel.Source{}, oriel.SyncFindings{}, fmt.Errorf("describe the tables: %w", err)
	}
	sum := sha256.Sum256(made)
	found.Revision = hex.EncodeToString(sum[:])
	return found, findings, nil
}

func describeFault(src oriel.Source, err error) error {
	var ours *oriel.Error
	if errors.As(err, &ours) {
		return err
	}
	return oriel.E(oriel.CodeInvalidRequest, "its tables can't be listed: %s", cause(src, err))
}

// catalogSQL lists the columns that may be read, with their types; a domain is
// what it is made of.
const catalogSQL = `
WITH RECURSIVE base AS (
	SELECT t.oid AS of, t.oid, t.typname, t.typtype, t.typcategory, t.typbasetype FROM pg_catalog.pg_type t
	UNION ALL
	SELECT b.of, t.oid, t.typname, t.typtype, t.typcategory, t.typbasetype
	FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.typbasetype WHERE b.typtype = 'd'
)
SELECT c.relname::text, a.attname::text, b.typname::text, b.typtype::text, b.typcategory::text, b.oid::bigint
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN base b ON b.of = a.atttypid AND b.typtype <> 'd'
WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
	AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT')
ORDER BY c.relname COLLATE "C", a.attnum`

func readTables(ctx context.Context, conn *pgx.Conn, wanted oriel.Source) ([]oriel.SourceTable, error) {
	rows, err := conn.Query(ctx, catalogSQL, wanted.Schema)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var tables []oriel.SourceTable
	for rows.Next() {
		var table, name, engine, kind, category string
		var oid uint32
		if err := rows.Scan(&table, &name, &engine, &kind, &category, &oid); err != nil {
			return nil, err
		}
		if len(wanted.Only) > 0 && !slices.Contains(wanted.Only, table) {
			continue
		}
		column, known := columnType(engine, kind, category, oid)
		if !known {
			continue
		}
		if len(tables) == 0 || tables[len(tables)-1].Name != table {
			tables = append(tables, oriel.SourceTable{Name: table})
		}
		last := &tables[len(tables)-1]
		last.Columns = append(last.Columns, oriel.SourceColumn{Name: name, Type: column, Native: engine})
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for _, name := range wanted.Only {
		if !slices.ContainsFunc(tables, func(t oriel.SourceTable) bool { return t.Name == name }) {
			return nil, oriel.E(oriel.CodeInvalidRequest, "the schema %q has no table %q that its login may read: check the name and GRANT SELECT", wanted.Schema, name)
		}
	}
	if len(tables) == 0 {
		return nil, oriel.E(oriel.CodeInvalidRequest, "the schema %q has no table that its login may read: check its name and GRANT USAGE and SELECT", wanted.Schema)
	}
	return tables, nil
}

// readAsText are the engine's own types that are read as texts.
var readAsText = set(`text varchar bpchar name char uuid json jsonb time timetz interval inet cidr macaddr macaddr8 xml`)

// firstObjectID is where types begin that are not the engine's own.
const firstObjectID = 16384

// columnType is our type for a table's column.
func columnType(engine, kind, category string, oid uint32) (oriel.ColumnType, bool) {
	if oid >= firstObjectID { // an enumeration, or a text of an extension's
		return oriel.TypeText, kind == "e" || kind == "b" && category == "S"
	}
	if readAsText[engine] {
		return oriel.TypeText, true
	}
	column, known := resultTypes[oid]
	return column, known
}

// mayWriteSQL asks what the login, whatever role it acts as, may do to the
// schema's tables.
const mayWriteSQL = `
SELECT r.rolsuper, r.rolbypassrls,
	coalesce((SELECT pg_catalog.min(c.relname::text) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'f')
		AND pg_catalog.has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')), '')
FROM pg_catalog.pg_roles r WHERE r.rolname = SESSION_USER`

func mayWrite(ctx context.Context, conn *pgx.Conn, wanted oriel.Source) ([]string, error) {
	var super, bypass bool
	var table string
	if err := conn.QueryRow(ctx, mayWriteSQL, wanted.Schema).Scan(&super, &bypass, &table); err != nil {
		return nil, err
	}
	var may []string
	switch {
	case super:
		may = append(may, "is a superuser")
	case bypass:
		may = append(may, "passes by row security")
	}
	if table != "" && !super {
		may = append(may, fmt.Sprintf("may write to the table %s", table))
	}
	if len(may) == 0 {
		return nil, nil
	}
	return []string{"its login " + strings.Join(may, " and ") + ": Oriel only reads, so give it a login that can do no more (GRANT SELECT)"}, nil
}

// withoutSecurity tells which tables the server's own row security does not
// narrow for the role: it is not enabled, or the role owns them or passes by.
func withoutSecurity(ctx context.Context, conn *pgx.Conn, found oriel.Source) ([]string, error) {
	names := make([]string, len(found.Tables))
	for i, t := range found.Tables {
		names[i] = t.Name
	}
	rows, err := conn.Query(ctx, `
SELECT c.relname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname::text = ANY ($2) AND NOT pg_catalog.row_security_active(c.oid)
ORDER BY c.relname COLLATE "C"`, found.Schema, names)
	if err != nil {
		return nil, err
	}
	open, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(open) == 0 {
		return nil, err
	}
	return []string{"native_security is on, and the server's own row security does not narrow " + strings.Join(open, ", ") +
		": Oriel's policies alone do; enable it there (ALTER TABLE … ENABLE ROW LEVEL SECURITY) for a login that neither owns the table nor has BYPASSRLS"}, nil
}
