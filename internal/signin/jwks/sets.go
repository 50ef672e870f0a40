package jwks

import (
	"context"
	"sync"
	"time"

	"github.com/oriel-bi/oriel/internal/fetch"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/jwt"
)

const (
	pause  = 30 * time.Second // between two fetches of one URL, contract §1
	oldAge = 10 * time.Minute // of a document that is fetched anew when it is used
	// maxURLs bounds what is kept of URLs that are in no setting any more.
	maxURLs = 100
)

// Sets are the documents of all URLs.
type Sets struct {
	fetcher   *fetch.Fetcher
	clock     func() time.Time
	mutex     sync.Mutex
	documents map[string]*document
}

// New makes Sets without any document: the first use of a URL fetches its.
func New(fetcher *fetch.Fetcher, clock func() time.Time) *Sets {
	return &Sets{fetcher: fetcher, clock: clock, documents: map[string]*document{}}
}

// Find gives the key that the document at the URL has under the kid. It fails
// with [oriel.CodeTokenKeyUnknown] when the newest document has none, and with
// [oriel.CodeKeysUnavailable] when it could not be fetched. A known key is
// found whether the document can be fetched or not.
func (s *Sets) Find(ctx context.Context, url, kid string) (jwt.Key, error) {
	d := s.document(url)
	k, err := d.find(kid)
	if err == nil {
		// Nobody with a known key waits for somebody else's fetch.
		if !d.isOld(s.clock()) || !d.tryBegin() {
			return k, nil
		}
	} else if err := d.begin(ctx); err != nil {
		return jwt.Key{}, &oriel.Error{Code: oriel.CodeKeysUnavailable, Err: err}
	}
	defer d.end()
	if d.isDue(s.clock()) {
		s.refresh(ctx, url, d)
	}
	return d.find(kid)
}

// refresh fetches for all who wait, so it goes on when the one who happens to
// do it goes away. The fetcher ends it in time.
func (s *Sets) refresh(ctx context.Context, url string, d *document) {
	d.tried(s.clock())
	fetched, err := s.fetcher.Get(context.WithoutCancel(ctx), url)
	var set jwt.Set
	if err == nil {
		set, err = jwt.ParseSet(fetched.Body)
	}
	if err != nil {
		d.failed(err)
		return
	}
	d.fetched(set, s.clock())
}

// document is that of the URL. When there are too many, the one that was used
// longest ago makes room.
func (s *Sets) document(url string) *document {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	d, found := s.documents[url]
	if !found {
		if len(s.documents) >= maxURLs {
			delete(s.documents, s.oldest())
		}
		d = &document{turn: make(chan struct{}, 1)}
		s.documents[url] = d
	}
	d.used = s.clock()
	return d
}

func (s *Sets) oldest() string {
	var oldest string
	for url, d := range s.documents {
		if oldest == "" || d.used.Before(s.documents[oldest].used) {
			oldest = url
		}
	}
	return oldest
}
