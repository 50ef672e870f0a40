package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"time"
)

// rounds is odd, so that the median is one of them.
const rounds = 9

// comparison is one line of the table: two ways to do the same work, each
// doing it once per call.
type comparison struct {
	name      string
	reference string
	calls     int // in a round
	oriel     func(context.Context) error
	direct    func(context.Context) error
}

func main() {
	binary := flag.String("oriel", "bin/oriel", "the server's binary")
	declaration := flag.String("declaration", "sample/apron.yaml", "what is applied")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *binary, *declaration, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "benchmarks:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, binary, declaration string, out io.Writer) (err error) {
	s, err := startServer(ctx, binary, declaration)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()

	fmt.Fprintf(out, "%s %s/%s, %d CPUs; median of %d rounds, one request at a time\n\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), rounds)
	fmt.Fprintf(out, "%-16s %10s %10s %7s   %s\n", "", "oriel", "direct", "ratio", "direct is")
	for _, prepare := range []func(context.Context, *server) (comparison, func() error, error){exchange, check, card} {
		c, done, err := prepare(ctx, s)
		if err != nil {
			return err
		}
		through, directly, err := measure(ctx, c)
		if err = errors.Join(err, done()); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		fmt.Fprintf(out, "%-16s %7.0f µs %7.0f µs %6.2f×   %s\n", c.name,
			micro(through), micro(directly), float64(through)/float64(directly), c.reference)
	}
	return nil
}

// measure alternates the two sides, after a round of each that does not count.
func measure(ctx context.Context, c comparison) (oriel, direct time.Duration, err error) {
	var through, directly []time.Duration
	for round := range rounds + 1 {
		a, err := timed(ctx, c.calls, c.oriel)
		if err != nil {
			return 0, 0, err
		}
		b, err := timed(ctx, c.calls, c.direct)
		if err != nil {
			return 0, 0, err
		}
		if round > 0 {
			through, directly = append(through, a), append(directly, b)
		}
	}
	return median(through), median(directly), nil
}

func timed(ctx context.Context, calls int, do func(context.Context) error) (time.Duration, error) {
	began := time.Now()
	for range calls {
		if err := do(ctx); err != nil {
			return 0, err
		}
	}
	return time.Since(began) / time.Duration(calls), nil
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

func micro(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
