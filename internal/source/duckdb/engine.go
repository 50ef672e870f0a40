package duckdb

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// Options bound what queries may use. Zero values take the defaults.
type Options struct {
	Memory      int64         // bytes per source; default 512 MiB
	Threads     int           // per source; default: the machine's, at most 8
	Timeout     time.Duration // per query; default 30 s
	ResultBytes int           // per result, as JSON; default 32 MiB
	Connections int           // queries at the same time; default 8
	// StreamTimeout and Streams bound those whose rows go out as they come, at
	// the pace of whoever reads: default 15 min, and 4 at the same time.
	StreamTimeout time.Duration
	Streams       int
	Idle          int              // connections kept per source; default 64
	Random        io.Reader        // default crypto/rand.Reader
	Clock         func() time.Time // measures a result's duration; without it, 0
}

func (o Options) withDefaults() Options {
	if o.Memory <= 0 {
		o.Memory = 512 << 20
	}
	if o.Threads <= 0 {
		o.Threads = min(runtime.NumCPU(), 8)
	}
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	if o.ResultBytes <= 0 {
		o.ResultBytes = 32 << 20
	}
	if o.Connections <= 0 {
		o.Connections = 8
	}
	if o.StreamTimeout <= 0 {
		o.StreamTimeout = 15 * time.Minute
	}
	if o.Streams <= 0 {
		o.Streams = 4
	}
	if o.Idle <= 0 {
		o.Idle = 64
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Clock == nil {
		o.Clock = func() time.Time { return time.Time{} }
	}
	return o
}

// Engine runs questions on imported files. It is safe for concurrent use.
type Engine struct {
	folder  string
	options Options
	parser  *parser
	slots   chan struct{} // one per running query
	streams chan struct{} // one per stream, which may last for as long as its reader

	mu        sync.Mutex
	instances map[string]*instance     // by source key: that of the newest revision seen
	turns     map[string]chan struct{} // by source key, of those that bound their queries
	closed    bool
}

var _ source.Engine = (*Engine)(nil)

// Open makes the engine over a data folder, in which [Import] puts database
// files. Nothing is opened until a source is asked for.
func Open(folder string, options Options) (*Engine, error) {
	parser, err := newParser()
	if err != nil {
		return nil, &oriel.Error{Code: oriel.CodeInternal, Message: "The query parser can't be started.", Err: err}
	}
	if err := probe(context.Background(), parser.db); err != nil {
		return nil, &oriel.Error{Code: oriel.CodeInternal, Message: "This build doesn't read the engine's values.", Err: errors.Join(err, parser.close())}
	}
	options = options.withDefaults()
	return &Engine{
		folder:    folder,
		options:   options,
		parser:    parser,
		slots:     make(chan struct{}, options.Connections),
		streams:   make(chan struct{}, options.Streams),
		instances: map[string]*instance{},
		turns:     map[string]chan struct{}{},
	}, nil
}

// Close ends all connections that are not in use; those in use end with their
// query.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil
	}
	e.closed = true
	var errs []error
	for _, i := range e.instances {
		errs = append(errs, i.retire())
	}
	clear(e.instances)
	return errors.Join(append(errs, e.parser.close())...)
}

// acquire gives the instance of a source's revision, held until its release.
// One of an older revision is closed when its last query ends.
func (e *Engine) acquire(ctx context.Context, src oriel.Source) (*instance, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, unavailable(src, errors.New("the engine is closed"))
	}
	if i := e.instances[src.Key]; i != nil && i.revision == src.Revision && i.database == src.Database && i.memory == e.memory(src) && i.hold() {
		return i, nil
	}
	path, err := databasePath(e.folder, src.Database)
	if err != nil {
		return nil, unavailable(src, err)
	}
	i, err := e.open(ctx, path, e.memory(src))
	if err != nil {
		return nil, unavailable(src, err)
	}
	i.revision, i.database = src.Revision, src.Database
	if old := e.instances[src.Key]; old != nil {
		_ = old.retire() // what it could say is not about this request
	}
	e.instances[src.Key] = i
	i.hold()
	return i, nil
}

// forget drops an instance whose file turned out to be lost or damaged, so
// that the next query opens it anew.
func (e *Engine) forget(src oriel.Source, i *instance) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.instances[src.Key] == i {
		delete(e.instances, src.Key)
		_ = i.retire() // already known to be broken
	}
}

// databasePath joins folder and a source's file, which stays inside.
func databasePath(folder, database string) (string, error) {
	if !filepath.IsLocal(database) {
		return "", errors.New("the source's database is not inside the data folder")
	}
	path := filepath.Join(folder, database)
	if strings.ContainsAny(path, "?#%") {
		return "", errors.New("the path of the data folder holds one of ? # %; choose another")
	}
	return path, nil
}

func unavailable(src oriel.Source, err error) error {
	return &oriel.Error{Code: oriel.CodeSourceUnavailable,
		Message: "The data source " + src.Key + " is not available.", Err: err}
}
