// Command crash kills bin/oriel with SIGKILL in the middle of sign-ins, ten
// times over on one store, and counts afterwards what the contract promises: no
// session that was answered is missing, and no token is accepted twice.
//
// What it can show: a process that dies at any moment. The kernel outlives the
// process and writes its page cache later, so a store that does not wait for
// the disk (synchronous=OFF) passes here; that the writer waits is asked of the
// store itself, in internal/store/durable_test.go.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"time"
)

func main() {
	binary := flag.String("oriel", "bin/oriel", "the server's binary")
	rounds := flag.Int("rounds", 10, "how often the server is killed")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "when it is killed; printed, so that a trial can be repeated")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *binary, *rounds, *seed, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "crash:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, binary string, rounds int, seed uint64, out io.Writer) (err error) {
	began := time.Now()
	random := rand.New(rand.NewPCG(seed, 0))
	o, err := install(ctx, binary)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.remove()) }()
	fmt.Fprintf(out, "%d sign-ins a round, %d at once, seed %d\n", tokensPerRound, atOnce, seed)
	var total counts
	for round := range rounds {
		c, err := kill(ctx, o, round, random)
		total.add(c)
		fmt.Fprintf(out, "round %2d: %s\n", round+1, c)
		if err != nil {
			return fmt.Errorf("round %d (seed %d): %w; the server's last words:\n%s", round+1, seed, err, o.lastWords())
		}
	}
	fmt.Fprintf(out, "total:    %s\n", total)
	fmt.Fprintf(out, "%d kills in %.0f s: %d answered sessions are missing, %d tokens were accepted twice\n",
		rounds, time.Since(began).Seconds(), total.missing, total.twice)
	return nil
}
