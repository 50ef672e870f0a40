//go:build race

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// Scripts run commands by the hundred, and built with the race detector each takes
// ten times as long to begin. Only the servers, which do more than one thing at a
// time, are run with it.
func init() {
	plainCommands = func(t *testing.T) func(*testscript.Env) {
		t.Helper()
		watched, err := exec.LookPath("oriel")
		if err != nil {
			t.Fatal(err)
		}
		folder := t.TempDir()
		plain := filepath.Join(folder, "plain")
		if out, err := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", plain, ".").CombinedOutput(); err != nil {
			t.Fatalf("build the commands: %v\n%s", err, out)
		}
		shim := "#!/bin/sh\ncase \"$1\" in serve|dev) exec '" + watched + "' \"$@\";; esac\nexec '" + plain + "' \"$@\"\n"
		if err := os.WriteFile(filepath.Join(folder, "oriel"), []byte(shim), 0o700); err != nil {
			t.Fatal(err)
		}
		return func(env *testscript.Env) { env.Setenv("PATH", folder+":"+env.Getenv("PATH")) }
	}
}
