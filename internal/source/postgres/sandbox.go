package postgres

import (
	"container/list"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	_ "unsafe" // for go:linkname

	"github.com/wasilibs/go-pgquery/parser"
)

// The library keeps its sandboxes to itself, and puts one back among them that
// crashed. Its version is pinned, and a test holds this to it.
//
//go:linkname sandboxes github.com/wasilibs/go-pgquery/parser.abiPool
var sandboxes *list.List

//go:linkname sandboxesLock github.com/wasilibs/go-pgquery/parser.abiPoolMu
var sandboxesLock sync.Mutex

// forgetSandboxes lets the next text make a new one, which takes seconds: the
// library compiles it anew.
func forgetSandboxes() {
	sandboxesLock.Lock()
	defer sandboxesLock.Unlock()
	sandboxes.Init()
}

// known is a text whose tree is asked for after every other: a sandbox whose
// stack ran into its data reads wrongly and does not say so.
const knownText = `WITH a AS (SELECT 1.5 AS b UNION ALL SELECT NULL) SELECT c.d, count(*) FILTER (WHERE e LIKE 'f%' AND NOT g BETWEEN 1 AND 2),
	sum(h) OVER (PARTITION BY i ORDER BY j DESC), CASE WHEN k THEN 'l' ELSE CAST(m AS text) END FROM n AS c LEFT JOIN a USING (b)
	WHERE o IN (SELECT p FROM q.r) GROUP BY 1 HAVING s > $1 ORDER BY 1 LIMIT 3`

// knownTree is the SHA-256 of the known text's tree, in hexadecimal.
const knownTree = "60b55d59de1f19ed72fd260a2f5ece4d43e15dc8b54cf00dbb1232a6ba3caf8d"

// errCrashed is of a sandbox that is not to be believed any more.
var errCrashed = errors.New("PostgreSQL's parser crashed")

// sandboxed runs a piece of work in the parser, of which what it says counts
// only if the sandbox is still sound. Errors: errCrashed; what the work says.
func sandboxed(work func() error) (err error) {
	defer func() {
		if crash := recover(); crash != nil {
			err = fmt.Errorf("%w: %v", errCrashed, crash)
		}
		if errors.Is(err, errCrashed) {
			forgetSandboxes()
		}
	}()
	said := work()
	tree, err := parser.ParseToProtobuf(knownText)
	if sum := sha256.Sum256(tree); err != nil || hex.EncodeToString(sum[:]) != knownTree {
		return fmt.Errorf("%w: it reads a known text as something else", errCrashed)
	}
	return said
}
