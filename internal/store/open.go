package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// driver is the name under which modernc.org/sqlite, which error.go imports,
// registers itself.
const driver = "sqlite"

// readers is how many reads run at once.
const readers = 8

// writing are the pragmas of the connection that writes. A commit is on the
// disk before it is answered. What is undone within a transaction is kept in
// memory and not in a file. The log is copied into the database once it has
// 8,000 pages, 32 MiB: most of its pages are then in it many times and copied
// once; it does not grow much beyond that, and begins anew. The cache, of 16
// MiB, holds the inner pages of every index of a million sessions.
var writing = []string{
	"synchronous(FULL)", "journal_mode(WAL)", "foreign_keys(1)",
	"temp_store(MEMORY)", "wal_autocheckpoint(8000)", "cache_size(-16384)",
}

// Options say which database to open and what the store may not find by itself.
type Options struct {
	// URL is sqlite:///absolute/path/oriel.db, or sqlite://relative/path.
	URL string
	// InstanceKey is the instance key, at least 32 bytes, when it is configured.
	InstanceKey []byte
	// KeyFile is the file of the instance key when none is configured; it is
	// made when there is none.
	KeyFile string
	// PreviousKey is the instance key that the store may still be under, or nil:
	// then the store is brought under the one of now when it is opened.
	PreviousKey []byte
	// Origins decides whether a stored origin still holds; one that does not
	// (the site URL is no longer a loopback address, say) is left out.
	Origins oriel.OriginOptions
	// RecordsKept is how long sign-in records stay; 30 days when zero.
	RecordsKept time.Duration
	// AuditKept is how long audit entries stay; two years when zero.
	AuditKept time.Duration
	Clock     func() time.Time
	Random    io.Reader
	Log       *slog.Logger
}

// Store is Oriel's own database. All methods are safe for concurrent use.
type Store struct {
	options     Options
	path        string
	seal        keyring
	write       *sql.DB
	read        *sql.DB
	writer      *writer
	findSession *sql.Stmt
	findPerson  *sql.Stmt
	declared    atomic.Pointer[declared]
	feed        feed
	commits     atomic.Int64
	stop        context.CancelFunc
	background  chan struct{} // closed when the background work has ended
	closing     sync.Once
	closed      error
}

// Open opens the database, makes it when there is none, brings its schema
// forward and starts the writer. Errors are sentences for whoever starts the
// program.
func Open(ctx context.Context, options Options) (*Store, error) {
	if options.RecordsKept == 0 {
		options.RecordsKept = 30 * 24 * time.Hour
	}
	if options.AuditKept == 0 {
		options.AuditKept = 2 * 365 * 24 * time.Hour
	}
	path, err := pathOf(options.URL)
	if err != nil {
		return nil, err
	}
	seal, err := options.sealer()
	if err != nil {
		return nil, err
	}
	if err := makeFile(path); err != nil {
		return nil, notWritable(path, err)
	}
	s := &Store{options: options, path: path, background: make(chan struct{})}
	s.seal.now.Store(seal)
	if err := s.connect(ctx); err != nil {
		return nil, errors.Join(err, s.disconnect())
	}
	s.writer.commits = func() { s.commits.Add(1) }
	go s.writer.run()
	if err := s.settle(ctx); err != nil {
		return nil, errors.Join(err, s.writer.close(), s.disconnect())
	}
	background, stop := context.WithCancel(context.Background())
	s.stop = stop
	go s.watch(background)
	return s, nil
}

// connect opens both pools and migrates.
func (s *Store) connect(ctx context.Context) (err error) {
	if s.write, err = sql.Open(driver, dsn(s.path, writing...)); err != nil {
		return fmt.Errorf("open the store %s: %w", s.path, err)
	}
	s.write.SetMaxOpenConns(1)
	if s.read, err = sql.Open(driver, dsn(s.path, "query_only(1)")); err != nil {
		return fmt.Errorf("open the store %s: %w", s.path, err)
	}
	s.read.SetMaxOpenConns(readers)
	s.read.SetMaxIdleConns(readers)
	if err := s.migrate(ctx); err != nil {
		return err
	}
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return fmt.Errorf("open the store %s: %w", s.path, err)
	}
	s.writer = &writer{
		conn: conn, stmts: make(map[string]statement), store: s,
		queue: make(chan *write, queueLength), closing: make(chan struct{}), gone: make(chan struct{}),
	}
	if s.findSession, err = s.read.PrepareContext(ctx, findSessionSQL); err == nil {
		s.findPerson, err = s.read.PrepareContext(ctx, findPersonSQL)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("open the store %s: %w", s.path, err), conn.Close())
	}
	return nil
}

// settle checks the instance key and reads what is declared.
func (s *Store) settle(ctx context.Context) error {
	if err := s.Write(ctx, func(tx *Tx) error { return s.checkInstanceKey(ctx, tx) }); err != nil {
		return err
	}
	if err := s.refresh(ctx); err != nil {
		return err
	}
	return s.startFeed(ctx)
}

func (s *Store) disconnect() error {
	errs := []error{s.feed.close()}
	for _, stmt := range []*sql.Stmt{s.findSession, s.findPerson} {
		if stmt != nil {
			errs = append(errs, stmt.Close())
		}
	}
	for _, db := range []*sql.DB{s.read, s.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// Close makes the writes that wait durable, then closes the database. Closing
// again does nothing.
func (s *Store) Close() error {
	s.closing.Do(func() {
		s.stop()
		<-s.background
		s.closed = errors.Join(s.writer.close(), s.disconnect())
	})
	return s.closed
}

// Ready tells whether the store can serve: store_unavailable when not.
func (s *Store) Ready(ctx context.Context) error {
	select {
	case <-s.writer.closing:
		return unavailable(ErrClosed)
	default:
	}
	var revision int64
	if err := s.read.QueryRowContext(ctx, declaredRevisionSQL).Scan(&revision); err != nil {
		return failed("read the store", err)
	}
	return nil
}

// pathOf reads the file out of a database URL.
func pathOf(databaseURL string) (string, error) {
	path, ok := strings.CutPrefix(databaseURL, "sqlite://")
	if !ok || path == "" || path == "/" || strings.ContainsAny(path, "?#\x00") {
		return "", errors.New("ORIEL_DATABASE_URL must look like sqlite:///path/oriel.db: this version keeps its data in SQLite only")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("find the store's folder: %w", err)
	}
	return path, nil
}

// makeFile sees that the database can be written, and is its owner's alone.
func makeFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

func notWritable(path string, err error) error {
	return fmt.Errorf("the store %s is not writable: %w; choose another ORIEL_DATABASE_URL or give oriel write access to that folder", path, err)
}

func dsn(path string, pragmas ...string) string {
	query := url.Values{"_pragma": append([]string{"busy_timeout(5000)", "trusted_schema(0)"}, pragmas...)}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}).String()
}
