package postgres

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// uniqueSQL lists the columns that tell rows apart, the primary key first, and
// those of no partial index: it tells some rows apart only.
const uniqueSQL = `
SELECT c.relname::text, i.indisprimary,
	ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(i.indkey::smallint[]) WITH ORDINALITY k(n, at)
		JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.n WHERE k.at <= i.indnkeyatts ORDER BY k.at)
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
ORDER BY c.relname COLLATE "C", i.indisprimary DESC, 3`

// foreignSQL lists the foreign keys between tables of the schema.
const foreignSQL = `
SELECT c.relname::text,
	ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY u(n, at)
		JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY u.at),
	f.relname::text,
	ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY u(n, at)
		JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n ORDER BY u.at)
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class f ON f.oid = k.confrelid AND f.relnamespace = n.oid
WHERE n.nspname = $1 AND k.contype = 'f' AND k.conparentid = 0
ORDER BY c.relname COLLATE "C", 2, f.relname COLLATE "C", 4`

// readKeys gives the tables their keys, as far as the login may read the
// columns of both ends.
func readKeys(ctx context.Context, conn *pgx.Conn, schema string, tables []oriel.SourceTable) error {
	has := func(table string, columns []string) *oriel.SourceTable {
		at := slices.IndexFunc(tables, func(t oriel.SourceTable) bool { return t.Name == table })
		if at < 0 || len(columns) == 0 {
			return nil
		}
		for _, name := range columns {
			if _, found := tables[at].Column(name); !found {
				return nil
			}
		}
		return &tables[at]
	}
	var table, to string
	var primary bool
	var columns, others []string
	rows, err := conn.Query(ctx, uniqueSQL, schema)
	if err != nil {
		return err
	}
	if _, err = pgx.ForEachRow(rows, []any{&table, &primary, &columns}, func() error {
		switch t := has(table, columns); {
		case t == nil:
		case primary:
			t.PrimaryKey = slices.Clone(columns)
		case !slices.Equal(columns, t.PrimaryKey) && !slices.ContainsFunc(t.UniqueKeys, func(k []string) bool { return slices.Equal(k, columns) }):
			t.UniqueKeys = append(t.UniqueKeys, slices.Clone(columns))
		}
		return nil
	}); err != nil {
		return err
	}
	if rows, err = conn.Query(ctx, foreignSQL, schema); err != nil {
		return err
	}
	_, err = pgx.ForEachRow(rows, []any{&table, &columns, &to, &others}, func() error {
		if t := has(table, columns); t != nil && has(to, others) != nil {
			t.ForeignKeys = append(t.ForeignKeys, oriel.TableForeignKey{Columns: slices.Clone(columns), Table: to, To: slices.Clone(others)})
		}
		return nil
	})
	return err
}

// estimateSQL is what the planner last knew; nothing is read for it.
const estimateSQL = `
SELECT c.relname::text, c.reltuples::bigint
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'm') AND c.reltuples >= 0`

// estimateRows tells about how many rows tables have that were ever analysed.
func estimateRows(ctx context.Context, conn *pgx.Conn, schema string, tables []oriel.SourceTable) (map[string]int64, error) {
	rows, err := conn.Query(ctx, estimateSQL, schema)
	if err != nil {
		return nil, err
	}
	about := map[string]int64{}
	var table string
	var count int64
	_, err = pgx.ForEachRow(rows, []any{&table, &count}, func() error {
		if slices.ContainsFunc(tables, func(t oriel.SourceTable) bool { return t.Name == table }) {
			about[table] = count
		}
		return nil
	})
	return about, err
}
