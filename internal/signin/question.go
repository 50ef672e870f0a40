package signin

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

const (
	// questionLife is how long a person may think; the token's own end may come
	// before.
	questionLife = 5 * time.Minute
	// mostQuestions bounds the memory that unanswered questions take: each has
	// a token of at most 8 KiB.
	mostQuestions = 1_000
)

// Question is what a person is asked before the browser goes on as another
// (§3.2): the host's token is kept here, unspent, until the answer.
type Question struct {
	Nonce string // one use; whoever answers brings it
	As    oriel.User
}

// Land signs in a browser that was sent here with a host token. When another
// person is signed in there and nothing shows that this one began it, nobody is
// signed in and nothing is written; the question is what to ask then. Errors:
// those of [SignIn.Exchange].
func (s *SignIn) Land(ctx context.Context, r Request) (Accepted, *Question, error) {
	r.Entrance = EntranceLanding
	accepted, err := s.Exchange(ctx, r)
	if !errors.Is(err, errOther) {
		return accepted, nil, err
	}
	nonce, err := s.questions.ask(s.Random, s.Clock(), r)
	if err != nil {
		return Accepted{}, nil, err
	}
	return Accepted{}, &Question{Nonce: nonce, As: accepted.User}, nil
}

// Answer is somebody's yes to a [Question].
type Answer struct {
	Nonce     string
	Live      Live // who is signed in in the browser that answers
	Origin    string
	ClientIP  string
	Reference string
}

// Continue signs in the person that a browser was asked about, and tells where
// it goes. The nonce is good once, and only with the session over which the
// question was asked. Errors: code_invalid, and those of [SignIn.Exchange].
func (s *SignIn) Continue(ctx context.Context, answer Answer) (accepted Accepted, returnTo string, err error) {
	asked, found := s.questions.take(answer.Nonce, s.Clock())
	if !found || answer.Live.Session == "" || asked.Browser.Live != answer.Live {
		a := s.begin(answer.Reference, methodJWT, answer.Origin, answer.ClientIP)
		return Accepted{}, "", s.refused(ctx, a, &oriel.Error{Code: oriel.CodeCodeInvalid})
	}
	asked.Browser.Live, asked.again = Live{}, true
	asked.ClientIP, asked.Reference = answer.ClientIP, answer.Reference
	accepted, err = s.Exchange(ctx, asked)
	return accepted, asked.Browser.ReturnTo, err
}

// questions are those that wait for an answer, by the hash of their nonce. They
// are in memory: whoever restarts the server makes people begin again.
type questions struct {
	mu   sync.Mutex
	open map[[32]byte]question
}

type question struct {
	request Request
	ends    time.Time
}

// ask keeps a landing and gives the nonce to answer with. A session has one
// question at most, so that nobody fills the memory from one browser.
func (q *questions) ask(random io.Reader, now time.Time, r Request) (string, error) {
	bits := make([]byte, 32)
	if _, err := io.ReadFull(random, bits); err != nil {
		return "", fmt.Errorf("make a nonce: %w", err)
	}
	nonce := base64.RawURLEncoding.EncodeToString(bits)
	q.mu.Lock()
	defer q.mu.Unlock()
	oldest, first := [32]byte{}, time.Time{}
	for hash, one := range q.open {
		if !now.Before(one.ends) || one.request.Browser.Live.Session == r.Browser.Live.Session {
			delete(q.open, hash)
		} else if first.IsZero() || one.ends.Before(first) {
			oldest, first = hash, one.ends
		}
	}
	if len(q.open) >= mostQuestions {
		delete(q.open, oldest)
	}
	q.open[sha256.Sum256([]byte(nonce))] = question{r, now.Add(questionLife)}
	return nonce, nil
}

// take gives the landing of a nonce, once.
func (q *questions) take(nonce string, now time.Time) (Request, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	hash := sha256.Sum256([]byte(nonce))
	one, found := q.open[hash]
	delete(q.open, hash)
	return one.request, found && now.Before(one.ends)
}
