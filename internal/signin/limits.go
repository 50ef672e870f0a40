package signin

import (
	"encoding/hex"
	"errors"
	"time"

	"github.com/oriel-bi/oriel/internal/limit"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// How often somebody may sign in when nothing else is set.
const (
	DefaultSignInRate  = 200
	DefaultRefusedRate = 100
)

const (
	// burst is how many seconds' sign-ins of a provider may come at once.
	burst = 10
	// providersCounted, networksCounted and tokensCounted bound the memory.
	providersCounted = 1_000
	networksCounted  = 10_000
	tokensCounted    = 16_384
	// tokenLife is longer than any token passes.
	tokenLife = 10 * time.Minute
)

// limits are the rate limits of §7. Verifying always comes first: whoever has a
// good token is never kept out by those who have none.
type limits struct {
	providers *limit.Limits // by id: tokens that were verified, each once
	tokens    *limit.Limits // by one use: whether one was counted
	networks  *limit.Limits // attempts that were refused, and tokens that came again
}

func newLimits(o Options) limits {
	signIns, refused := o.SignInRate, o.RefusedRate
	if signIns == 0 {
		signIns = DefaultSignInRate
	}
	if refused == 0 {
		refused = DefaultRefusedRate
	}
	return limits{
		providers: limit.New(limit.Options{
			Burst: signIns * burst, Every: time.Second / time.Duration(signIns), Keys: providersCounted, Clock: o.Clock,
		}),
		tokens: limit.New(limit.Options{Burst: 1, Every: tokenLife, Keys: tokensCounted, Clock: o.Clock}),
		networks: limit.New(limit.Options{
			Burst: refused, Every: time.Minute / time.Duration(refused), Keys: networksCounted, Clock: o.Clock,
		}),
	}
}

// allow counts a verified token for its provider. One that comes again counts
// for the network that sends it: with one token that once was good, somebody
// could use up what is the whole provider's. Error: rate_limited.
func (l limits) allow(p oriel.Provider, oneUse [32]byte, clientIP string) error {
	if first, _ := l.tokens.Allow(hex.EncodeToString(oneUse[:])); !first {
		return l.refused(clientIP, errors.New("the token came before"))
	}
	if ok, wait := l.providers.Allow(p.ID); !ok {
		return limited(wait, errors.New("too many sign-ins of the provider"))
	}
	return nil
}

// refused counts for the network of a client. Error: rate_limited, with the cause.
func (l limits) refused(clientIP string, cause error) error {
	if ok, wait := l.networks.Allow(oriel.ClientNetwork(clientIP)); !ok {
		return limited(wait, cause)
	}
	return nil
}

func limited(wait time.Duration, cause error) error {
	return &oriel.Error{Code: oriel.CodeRateLimited, RetryAfter: wait, Err: cause}
}
