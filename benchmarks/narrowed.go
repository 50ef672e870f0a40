package main

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/duckdb/duckdb-go/v2" // the driver that the engine uses
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
	"github.com/oriel-bi/oriel/internal/source/postgres"

	engine "github.com/oriel-bi/oriel/internal/source/duckdb"
)

// statements are what the server would execute for the question of so many rows:
// those that prepare a connection, and last the question's, whose first value is
// the id that it begins with.
func (d driven) statements(ctx context.Context, database string) (_ []source.Statement, err error) {
	if d.byHand {
		return []source.Statement{{
			Text:      fmt.Sprintf("SELECT id, departed, destination, distance, delay, cost FROM %s WHERE origin = $2 AND id >= $1 LIMIT %d", factsTable, d.rows),
			Arguments: []oriel.Scalar{oriel.IntegerScalar(0), oriel.TextScalar("DFW")},
		}}, nil
	}
	folder, err := os.MkdirTemp("", "oriel-narrow-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	columns := make([]oriel.SourceColumn, len(factsColumns))
	for i, c := range factsColumns {
		columns[i] = c.SourceColumn
	}
	src := oriel.Source{Key: database, Kind: oriel.SourceKind(d.engine), Schema: "public", Tables: []oriel.SourceTable{{Name: factsTable, Columns: columns}}}
	var narrower source.Engine = postgres.Open(postgres.Options{})
	if src.Kind == oriel.SourceDuckDB {
		if narrower, err = engine.Open(folder, engine.Options{}); err != nil {
			return nil, err
		}
	}
	defer func() { err = errors.Join(err, narrower.Close()) }()
	who := oriel.NewPrincipal(oriel.User{ID: "usr_1", Attributes: oriel.Attributes{"airport": oriel.Text("DFW")}}, oriel.SessionEmbed)
	decisions, err := access.Decide(who, src, []oriel.Policy{{Table: oriel.TableRef{Source: src.Key, Table: factsTable}, Rows: factsPolicy}})
	if err != nil {
		return nil, err
	}
	narrowed, err := narrower.Narrow(ctx, source.Query{SQL: &source.SQLQuery{
		Text: fmt.Sprintf(factsAsked, "$1", d.rows), Arguments: []oriel.Scalar{oriel.IntegerScalar(0)}, Limit: factRows,
	}}, decisions)
	if err != nil {
		return nil, err
	}
	return narrower.Statements(narrowed)
}

// values are the arguments of a question that begins with an id.
func values(s source.Statement, from int64) []any {
	all := []any{from}
	for _, argument := range s.Arguments[1:] {
		all = append(all, argument.Value)
	}
	return all
}

// duckDB is the question, prepared on each connection where what it reads was
// made before.
type duckDB struct {
	db       *sql.DB
	question source.Statement
	prepared *sql.Stmt
}

func (d driven) openDuckDB(ctx context.Context) (_ factReader, err error) {
	var statements []source.Statement
	connector, err := duckdb.NewConnector(d.address+"?access_mode=READ_ONLY", func(conn sqldriver.ExecerContext) error {
		for _, s := range statements[:max(len(statements)-1, 0)] {
			values := make([]sqldriver.NamedValue, len(s.Arguments))
			for i, a := range s.Arguments {
				values[i] = sqldriver.NamedValue{Ordinal: i + 1, Value: a.Value}
			}
			if _, err := conn.ExecContext(ctx, s.Text, values); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxIdleConns(0) // none is kept that nothing was made on
	var name string
	if err := db.QueryRowContext(ctx, "SELECT current_database()").Scan(&name); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if statements, err = d.statements(ctx, name); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	db.SetMaxIdleConns(mostCards)
	question := statements[len(statements)-1]
	prepared, err := db.PrepareContext(ctx, question.Text)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &duckDB{db, question, prepared}, nil
}

func (d *duckDB) close() error { return errors.Join(d.prepared.Close(), d.db.Close()) }

func (d *duckDB) read(ctx context.Context, from int64) (int, error) {
	found, err := d.prepared.QueryContext(ctx, values(d.question, from)...)
	if err != nil {
		return 0, err
	}
	defer found.Close()
	rows := 0
	for ; found.Next(); rows++ {
		if err := scanFact(found.Scan); err != nil {
			return rows, err
		}
	}
	return rows, found.Err()
}

// scanFact reads one row's values.
func scanFact(scan func(...any) error) error {
	var id, distance, delay int64
	var at time.Time
	var destination string
	var cost float64
	return scan(&id, &at, &destination, &distance, &delay, &cost)
}

// postgresServer is the question on a pool of connections, each of which prepares it when
// it is first asked.
type postgresServer struct {
	pool     *pgxpool.Pool
	question source.Statement
}

func (d driven) openPostgres(ctx context.Context) (factReader, error) {
	statements, err := d.statements(ctx, "facts")
	if err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(d.address)
	if err != nil {
		return nil, err
	}
	config.MaxConns = mostCards
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	return &postgresServer{pool, statements[len(statements)-1]}, nil
}

func (p *postgresServer) close() error {
	p.pool.Close()
	return nil
}

func (p *postgresServer) read(ctx context.Context, from int64) (int, error) {
	found, err := p.pool.Query(ctx, p.question.Text, values(p.question, from)...)
	if err != nil {
		return 0, err
	}
	defer found.Close()
	rows := 0
	for ; found.Next(); rows++ {
		if err := scanFact(found.Scan); err != nil {
			return rows, err
		}
	}
	return rows, found.Err()
}
