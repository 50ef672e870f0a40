package postgres

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// Options bound what queries may use. Zero values take the defaults.
type Options struct {
	Timeout       time.Duration     // per query; default 30 s
	StreamTimeout time.Duration     // per query whose rows stream; default 10 min
	ResultBytes   int               // per result, as JSON; default 32 MiB
	Connections   int               // per source; default 8
	Hosts         oriel.SourceHosts // that sources may be on
	Clock         func() time.Time  // measures a result's duration; without it, 0
}

func (o Options) withDefaults() Options {
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	if o.StreamTimeout <= 0 {
		o.StreamTimeout = 10 * time.Minute
	}
	if o.ResultBytes <= 0 {
		o.ResultBytes = 32 << 20
	}
	if o.Connections <= 0 {
		o.Connections = 8
	}
	if o.Clock == nil {
		o.Clock = func() time.Time { return time.Time{} }
	}
	return o
}

// Engine runs questions on PostgreSQL servers. It is safe for concurrent use.
type Engine struct {
	options Options
	texts   *texts
	warm    sync.Once
	warming sync.WaitGroup

	mu     sync.Mutex
	pools  map[string]pool // by source key: that of the newest settings seen
	closed bool
}

// pool is connections to one source under its settings of now.
type pool struct {
	url, role   string
	connections int
	conns       *pgxpool.Pool
}

var (
	_ source.Engine = (*Engine)(nil)
	_ source.Warmer = (*Engine)(nil)
)

// Open makes the engine. No server is reached until a source is asked for.
func Open(options Options) *Engine {
	return &Engine{options: options.withDefaults(), texts: newTexts(), pools: map[string]pool{}}
}

// Warm has the parser compiled, which takes two seconds of a processor and 240
// MiB, so that the first chart of SQL does not wait for it. A parser that can't
// be made is told to whoever asks next.
func (e *Engine) Warm() {
	e.warm.Do(func() { e.warming.Go(func() { _, _ = e.texts.tree("SELECT 1") }) })
}

// Close ends all connections, those in use when their query ends.
func (e *Engine) Close() error {
	e.warming.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.closed {
		e.closed = true
		for _, p := range e.pools {
			p.conns.Close()
		}
		clear(e.pools)
	}
	return nil
}

// acquire gives a connection to a source. Those of settings that the source no
// longer has are closed when their last query ends.
func (e *Engine) acquire(ctx context.Context, src oriel.Source) (*pgxpool.Conn, error) {
	conns, err := e.pool(src)
	if err != nil {
		return nil, unavailable(src, errors.New(cause(src, err)))
	}
	conn, err := conns.Acquire(ctx)
	if err != nil {
		return nil, unavailable(src, errors.New(cause(src, err)))
	}
	return conn, nil
}

func (e *Engine) pool(src oriel.Source) (*pgxpool.Pool, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, errors.New("the engine is closed")
	}
	connections := e.options.Connections
	if src.Limits.Connections > 0 {
		connections = src.Limits.Connections
	}
	known, found := e.pools[src.Key]
	if found && known.url == src.URL && known.role == src.Role && known.connections == connections {
		return known.conns, nil
	}
	// Whoever runs the server may have shortened the list since it was saved.
	if address, err := Address(src); err != nil {
		return nil, err
	} else if !e.options.Hosts.Permit(address.Hosts) {
		return nil, errors.New("its server is not among source_hosts")
	}
	conns, err := openPool(src, connections)
	if err != nil {
		return nil, err
	}
	if found {
		go known.conns.Close() // waits for its queries
	}
	e.pools[src.Key] = pool{url: src.URL, role: src.Role, connections: connections, conns: conns}
	return conns, nil
}
