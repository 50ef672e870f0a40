package query

import (
	"errors"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// Limits of what is shown.
const (
	maxRows   = 2000
	maxValues = 1000
	maxAtOnce = 4 // cards of one dashboard on one source
	// maxDownload is the most rows that leave as a file.
	maxDownload = 1_000_000
)

// Options are what queries stand on.
type Options struct {
	// Declared returns the newest declaration; read only, never nil.
	Declared func() *oriel.Declaration
	// Engines are the kinds of data source that can be run.
	Engines map[oriel.SourceKind]source.Engine
	// CacheBytes bounds the results that are kept; 0 keeps none. CacheFor is for
	// how long, where a question does not say.
	CacheBytes int
	CacheFor   time.Duration
	Clock      func() time.Time
	// DownloadRows is the most rows of a download; 0 is a million.
	DownloadRows int
	// TimeZone is the site's: that of questions whose user's tenant has none; UTC
	// when it is empty.
	TimeZone oriel.TimeZone
	// ReadQuestion reads the questions that principals write. It may be nil where
	// nobody writes any.
	ReadQuestion ReadQuestion
}

// Queries runs what is declared.
type Queries struct {
	declared func() *oriel.Declaration
	engines  map[oriel.SourceKind]source.Engine
	policies policies
	cache    *cache
	cacheFor time.Duration
	flights  *flights
	zones    zones
	quotas   *quotas
	timeZone oriel.TimeZone

	downloadRows int
	readQuestion ReadQuestion
}

// New makes queries.
func New(o Options) *Queries {
	if o.DownloadRows == 0 {
		o.DownloadRows = maxDownload
	}
	return &Queries{
		downloadRows: o.DownloadRows, timeZone: o.TimeZone, readQuestion: o.ReadQuestion,
		declared: o.Declared, engines: o.Engines,
		cache: newCache(o.CacheBytes, o.Clock), cacheFor: o.CacheFor, flights: newFlights(), quotas: newQuotas(o.Clock),
	}
}

// Close ends what runs for nobody who waits. Others end with their requests.
func (q *Queries) Close() { q.flights.close() }

// keep is for how long the result of a question is kept.
func (q *Queries) keep(question oriel.Question) keep {
	if question.Cache == nil {
		return keep{fresh: q.cacheFor}
	}
	return keep{
		fresh: time.Duration(question.Cache.Seconds) * time.Second,
		stale: time.Duration(question.Cache.Stale) * time.Second,
	}
}

// snapshot is one declaration for the whole of a request.
type snapshot struct{ *oriel.Declaration }

// rows is how many a result of a source shows at most.
func (s snapshot) rows(source string) int {
	if src, _ := s.Source(source); src.Limits.Rows > 0 {
		return src.Limits.Rows
	}
	return maxRows
}

// notShown is what everybody reads who may not edit the question.
const notShown = "This chart can't be shown."

// shown turns an engine's failure into what every principal may read: nobody
// sees the engine's words, which can tell of rows (access §4). The cause stays
// for the log, and for [snapshot.forEditors].
func shown(err error) error {
	switch code := oriel.CodeOf(err); code {
	case oriel.CodeQueryRefused, oriel.CodeQueryFailed:
		return &oriel.Error{Code: code, Message: notShown, Err: err}
	case oriel.CodeSourceUnavailable:
		return &oriel.Error{Code: code, Message: "This chart's data can't be reached right now.", Err: err}
	}
	return err
}

// engineOf is the engine that reads a source. Errors: source_unavailable.
func (q *Queries) engineOf(src oriel.Source) (source.Engine, error) {
	engine, found := q.engines[src.Kind]
	if !found {
		return nil, oriel.E(oriel.CodeSourceUnavailable, "%v", errNoSource)
	}
	return engine, nil
}

var errNoSource = errors.New("its data source is not there, or of a kind that isn't run here")
