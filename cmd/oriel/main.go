// Command oriel is the Oriel server and the commands that go with it.
//
//	main.go run.go   the command line, exit codes
//	serve.go         the server: open, wire, listen, drain
//	headroom.go      how much garbage may gather
//	dev.go           the server in dev mode
//	wire.go          the capabilities, joined
//	apply.go         declaration files into the store
//	provider.go key.go origin.go user.go tenant.go apikey.go session.go policy.go
//	                 one thing of the store at a time; key_*.go and
//	                 provider_*.go, user_*.go and tenant_*.go go with theirs
//	policytest.go    what people must and must not see
//	group.go grant.go collection.go audit.go
//	                 what people may do, and who changed what
//	explain.go       why somebody sees something, or does not
//	operate.go       what those have in common
//	signin.go        attempts, and why they were refused
//	token.go         what is in a host's token, and why it is refused
//	doctor.go        what is in the way before anybody tries
//	instancekey.go   a new instance key
//	config.go version.go
//	log.go           the log, and what never gets into it
//
// It wires everything and decides nothing.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}
