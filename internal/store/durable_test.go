package store_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/store"
)

// writerEnv tells the test binary to be the process that is killed.
const writerEnv = "ORIEL_TEST_WRITES_TO"

func TestMain(m *testing.M) {
	if path := os.Getenv(writerEnv); path != "" {
		if err := spendForever(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	if folder := os.Getenv(rotatorEnv); folder != "" {
		if err := rotateForever(folder); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// spendForever spends tokens from eight goroutines and prints each that it was
// told is spent.
func spendForever(path string) error {
	s, err := store.Open(context.Background(), options(path))
	if err != nil {
		return err
	}
	failed := make(chan error)
	for worker := range 8 {
		go func() {
			for i := 0; ; i++ {
				n := i*8 + worker
				err := s.Write(context.Background(), func(tx *store.Tx) error {
					return tx.SpendToken(sha256.Sum256([]byte(strconv.Itoa(n))), time.Now().Add(time.Hour))
				})
				if err != nil {
					failed <- err
					return
				}
				if _, err := fmt.Fprintln(os.Stdout, n); err != nil {
					failed <- err
					return
				}
			}
		}()
	}
	return <-failed
}

func TestWrite_whatWasAnsweredSurvivesSIGKILL(t *testing.T) {
	path := filepath.Join(t.TempDir(), "oriel.db")
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	child.Env = append(os.Environ(), writerEnv+"="+path)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var answered []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		answered = append(answered, strings.TrimSpace(lines.Text()))
		if len(answered) == 300 {
			if err := child.Process.Kill(); err != nil { // SIGKILL
				t.Fatal(err)
			}
		}
	}
	if err := child.Wait(); err == nil || len(answered) < 300 {
		t.Fatalf("the writer was not killed in the middle: %d answers, %v", len(answered), err)
	}
	s := open(t, path)
	if mode, err := store.ReadSynchronous(t.Context(), s); err != nil || mode != 2 {
		t.Errorf("synchronous is %d (%v), want 2: FULL", mode, err)
	}
	for _, n := range answered {
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			return tx.SpendToken(sha256.Sum256([]byte(n)), time.Now().Add(time.Hour))
		})
		if err == nil {
			t.Fatalf("token %s was answered as spent and could be spent again", n)
		}
	}
}
