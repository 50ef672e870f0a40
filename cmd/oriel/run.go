package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// The exit codes.
const (
	exitOK       = 0
	exitFailure  = 1
	exitUsage    = 2
	exitFindings = 3
)

// commands is the command line.
type commands struct {
	Serve       serveCommand       `cmd:"" help:"Run the server."`
	Dev         devCommand         `cmd:"" help:"Run the server in dev mode: pages on this machine may embed. Loopback addresses only."`
	Apply       applyCommand       `cmd:"" help:"Load declaration files: origins, providers, groups, sources, policies, questions, dashboards. Applying twice changes nothing."`
	Policy      policyCommand      `cmd:"" help:"Try who sees which rows and columns."`
	Explain     explainCommand     `cmd:"" help:"Why somebody sees something, or does not."`
	Provider    providerCommand    `cmd:"" help:"The host apps that may sign users in."`
	Key         keyCommand         `cmd:"" help:"The keys that verify a provider's tokens."`
	SamlKey     samlKeyCommand     `cmd:"" name:"saml-key" help:"Our own keys as a SAML service provider: they sign requests and decrypt assertions."`
	Source      sourceCommand      `cmd:"" help:"The data sources: their settings, their tables, and reading those anew."`
	Origin      originCommand      `cmd:"" help:"The origins on which content may be embedded."`
	APIKey      apiKeyCommand      `cmd:"" name:"apikey" help:"The keys of servers, and of who manages Oriel through its API."`
	User        userCommand        `cmd:"" help:"The people who may sign in, and those made by hand."`
	Tenant      tenantCommand      `cmd:"" help:"The host's customers."`
	Group       groupCommand       `cmd:"" help:"The groups, on which permissions and exemptions hang."`
	Grant       grantCommand       `cmd:"" help:"Change what a group may do."`
	Collection  collectionCommand  `cmd:"" help:"The folders of questions and dashboards, on which permissions hang."`
	Audit       auditCommand       `cmd:"" help:"Who changed what."`
	Session     sessionCommand     `cmd:"" help:"Who is signed in; end their sessions."`
	SignIn      signInCommand      `cmd:"" name:"sign-in" help:"The attempts to sign in, and why they were refused."`
	Token       tokenCommand       `cmd:"" help:"Look into a host's token, or find out why it is refused."`
	Doctor      doctorCommand      `cmd:"" help:"Find out why people cannot sign in: ask the host as a page would, and walk through every check."`
	InstanceKey instanceKeyCommand `cmd:"" name:"instance-key" help:"The key under which secrets are stored."`
	Config      configCommand      `cmd:"" help:"Check or print the server's configuration."`
	Version     versionCommand     `cmd:"" help:"Print the version."`
}

// process is what a command gets from the operating system.
type process struct {
	environ        []string
	stdin          io.Reader
	stdout, stderr io.Writer
	clock          func() time.Time
	random         io.Reader
}

// lookup finds an environment variable.
func (p process) lookup(name string) (string, bool) {
	for _, pair := range p.environ {
		if key, value, found := strings.Cut(pair, "="); found && key == name {
			return value, true
		}
	}
	return "", false
}

// usage marks an error that the command line or the configuration caused.
type usage struct{ err error }

func (u usage) Error() string { return u.err.Error() }
func (u usage) Unwrap() error { return u.err }

// findings marks an error that says what a command was asked to look for.
type findings struct{ err error }

func (f findings) Error() string { return f.err.Error() }
func (f findings) Unwrap() error { return f.err }

// leave is how kong's --help ends parsing.
type leave struct{ code int }

// run runs one command and returns the exit code.
func run(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	p := process{environ: environ, stdin: stdin, stdout: stdout, stderr: stderr, clock: time.Now, random: rand.Reader}
	defer func() {
		if thrown := recover(); thrown != nil {
			left, ok := thrown.(leave)
			if !ok {
				panic(thrown)
			}
			code = left.code
		}
	}()
	err := dispatch(ctx, args, p)
	var wrong usage
	var found findings
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &wrong):
		code = exitUsage
	case errors.As(err, &found):
		code = exitFindings
	default:
		code = exitFailure
	}
	// A mistyped command line may hold a token. Nothing can be done about a
	// standard error that is closed.
	_, _ = fmt.Fprintln(stderr, "oriel: "+tokenLike.ReplaceAllString(sentence(err), "[token]"))
	return code
}

func dispatch(ctx context.Context, args []string, p process) error {
	var line commands
	parser, err := kong.New(&line,
		kong.Name("oriel"), kong.Description("Embedded analytics: a server that puts dashboards into other people's products."),
		kong.Writers(p.stdout, p.stderr), kong.Exit(func(code int) { panic(leave{code}) }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(p),
	)
	if err != nil {
		return fmt.Errorf("read the command line: %w", err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if err != nil {
		return usage{fmt.Errorf("%w; see: oriel --help", err)}
	}
	return command.Run()
}

// sentence is an error as a person should read it: without codes, with causes.
func sentence(err error) string {
	var coded *oriel.Error
	if errors.As(err, &coded) {
		return strings.ReplaceAll(err.Error(), " ("+string(coded.Code)+")", "")
	}
	return err.Error()
}
