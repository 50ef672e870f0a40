// Package limit says how often something may be done: so many times at once,
// and after that once in a while, for each key on its own. A key is whatever
// the caller counts by: a provider, or the network of a client
// ([github.com/oriel-bi/oriel/internal/oriel.ClientNetwork]).
//
// State: the keys seen last, at most as many as were asked for, in memory.
// Each process counts for itself, and a restart forgets.
package limit
