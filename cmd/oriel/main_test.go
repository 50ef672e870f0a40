package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){"oriel": main})
}

// plainCommands, where it is set, gives scripts commands that begin faster.
var plainCommands func(*testing.T) func(*testscript.Env)

func TestCommands(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	urls := customersServer(t)
	plain := func(*testscript.Env) {}
	if plainCommands != nil {
		plain = plainCommands(t)
	}
	testscript.RunT(quiet{t}, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			plain(env)
			public, err := writeKeys(env.WorkDir)
			if err != nil {
				return err
			}
			// A port that was free a moment ago, and one that is taken.
			free, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			host, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			_, port, err := net.SplitHostPort(host.Addr().String())
			if err != nil {
				return err
			}
			for name, prefix := range map[string]string{"production-sign-in.md": "guide", "from-metabase.md": "metabase"} {
				if err := writeGuide(env.WorkDir, name, prefix); err != nil {
					return err
				}
			}
			taken, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			env.Defer(func() { _ = taken.Close() })
			env.Setenv("ROOT", root)
			env.Setenv("POSTGRES_URL", urls.super)
			env.Setenv("POSTGRES_NOBODY", urls.nobody)
			env.Setenv("FREE", free.Addr().String())
			env.Setenv("HOSTFREE", host.Addr().String())
			env.Setenv("HOSTPORT", port)
			env.Setenv("TAKEN", taken.Addr().String())
			env.Setenv("APRON_PUBLIC_KEY", string(public))
			env.Setenv("APRON_URL", "http://127.0.0.1:7430")
			env.Setenv("APRON_BACKEND_URL", "http://127.0.0.1:7431")
			return errors.Join(free.Close(), host.Close())
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status":      status,
			"oneline":     oneLine,
			"interrupt":   interrupt,
			"until":       until,
			"token":       token,
			"signin":      signIn,
			"session":     heldSession,
			"apikey":      apiKey,
			"host":        host,
			"held":        held,
			"record":      record,
			"tenanttoken": tenantToken,
		},
	})
}

// quiet keeps what passed to itself, also with -v: commands print secrets, once
// and on purpose, and all that tests print is searched for those.
type quiet struct{ *testing.T }

// Verbose is never.
func (quiet) Verbose() bool { return false }

// Run runs a script as a test of its own.
func (q quiet) Run(name string, fn func(testscript.T)) {
	q.T.Run(name, func(t *testing.T) { fn(quiet{t}) })
}

// status runs a command and wants its exit code: status 2 oriel serve --nothing
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status CODE COMMAND…")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var exit *exec.ExitError
	if err != nil {
		if !errors.As(err, &exit) {
			ts.Fatalf("run %s: %v", args[1], err)
		}
		code = exit.ExitCode()
	}
	if got := fmt.Sprint(code); got != args[0] {
		ts.Fatalf("the exit code is %s, want %s", got, args[0])
	}
}

// oneline wants the last command to have said one line on standard error.
func oneLine(ts *testscript.TestScript, _ bool, _ []string) {
	said := ts.ReadFile("stderr")
	if strings.Count(said, "\n") != 1 || strings.Contains(said, "goroutine") {
		ts.Fatalf("standard error holds not one line: %q", said)
	}
}

// until waits for ADDRESS/PATH to answer with STATUS: until STATUS ADDRESS PATH
func until(ts *testscript.TestScript, _ bool, args []string) {
	last := "no answer"
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		code, err := get("http://" + args[1] + args[2])
		if err != nil {
			last = err.Error()
			continue
		}
		if last = fmt.Sprint(code); last == args[0] {
			return
		}
	}
	ts.Fatalf("%s%s never answered %s; last: %s", args[1], args[2], args[0], last)
}

func get(url string) (int, error) {
	response, err := http.Get(url)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

// interrupt sends SIGTERM to the background command and wants ADDRESS/readyz to
// turn false before the listener is gone.
func interrupt(ts *testscript.TestScript, _ bool, args []string) {
	for _, command := range ts.BackgroundCmds() {
		ts.Check(command.Process.Signal(syscall.SIGTERM))
	}
	turned := false
	for {
		code, err := get("http://" + args[0] + "/readyz")
		if err != nil {
			break
		}
		turned = turned || code == http.StatusServiceUnavailable
		time.Sleep(10 * time.Millisecond)
	}
	if !turned {
		ts.Fatalf("/readyz never turned false before the server was gone")
	}
}
