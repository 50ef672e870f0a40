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
	"strings"
)

// comparisons are what is measured, in this order.
var comparisons = []struct {
	name string
	run  func(ctx context.Context, r report, binary, declaration string) error
}{{"exchange", exchange}, {"check", check}, {"card", card}, {"constrain", constrain}, {"many", many}, {"saml", samlVerification}}

// children are the sides that this program is itself, as processes of their own.
var children = map[string]func(ctx context.Context, in io.Reader, out io.Writer) error{
	"direct":    serveDirect,
	"driver":    serveDriver,
	"empty":     serveEmpty,
	"same":      serveSame,
	"saml":      serveSAML,
	"goxmldsig": serveDsig,
}

// names are those of the comparisons.
func names() string {
	var all []string
	for _, c := range comparisons {
		all = append(all, c.name)
	}
	return strings.Join(all, ", ")
}

func main() {
	binary := flag.String("oriel", "bin/oriel", "the server's binary")
	declaration := flag.String("declaration", "sample/apron.yaml", "what is applied")
	only := flag.String("only", "", "one comparison: "+names())
	as := flag.String("child", "", "used by the program itself")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if *as != "" {
		err = runChild(ctx, *as)
	} else {
		err = run(ctx, report{os.Stdout}, *binary, *declaration, *only)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchmarks:", err)
		os.Exit(1)
	}
}

func runChild(ctx context.Context, name string) error {
	serve, known := children[name]
	if !known {
		return fmt.Errorf("there is no child %q", name)
	}
	return serve(ctx, os.Stdin, os.Stdout)
}

func run(ctx context.Context, r report, binary, declaration, only string) error {
	node, err := output(ctx, nil, "node", "--version")
	if err != nil {
		return err
	}
	r.line("%s, node %s, %s/%s, %d CPUs; median of %d rounds (least to greatest)",
		runtime.Version(), strings.TrimSpace(string(node)), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), rounds)
	ran := false
	for _, c := range comparisons {
		if only != "" && only != c.name {
			continue
		}
		ran = true
		if err := c.run(ctx, r, binary, declaration); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	if !ran {
		return errors.New("there is no such comparison: " + names())
	}
	return nil
}
