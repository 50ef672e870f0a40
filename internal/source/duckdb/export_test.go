package duckdb

import (
	"context"

	"github.com/oriel-bi/oriel/internal/source"
)

// OpenImport is the instance on which files become tables.
var OpenImport = openImport

// Ready makes a connection on which a narrowed query can run, its filtered views
// among it, as [Engine.Run] does, and gives it back.
func (e *Engine) Ready(n source.Narrowed) error {
	ctx := context.Background()
	query := n.Engine().(*narrowed)
	inst, err := e.acquire(ctx, query.decisions.Source)
	if err != nil {
		return err
	}
	defer inst.release()
	key := poolKey{filtered: true, fingerprint: query.decisions.Fingerprint}
	conn, err := e.connection(ctx, inst, key, query)
	if err != nil {
		return err
	}
	inst.pool.put(key, conn)
	return nil
}
