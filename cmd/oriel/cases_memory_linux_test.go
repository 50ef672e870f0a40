// The detector keeps a shadow of all memory, which is what is measured here.
//go:build !race

package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"
)

// peak is the most memory that the node's process ever held, in MiB.
func (n *node) peak() int {
	n.Helper()
	status, err := os.ReadFile("/proc/" + strconv.Itoa(n.process.Process.Pid) + "/status")
	if err != nil {
		n.Fatal(err)
	}
	var kilobytes int
	_, after, _ := bytes.Cut(status, []byte("VmHWM:"))
	if _, err := fmt.Sscan(string(after), &kilobytes); err != nil {
		n.Fatal(err)
	}
	return kilobytes >> 10
}

// While a million rows stream to each of several readers, slow ones among them,
// the process stays under what docs/reference/configuration.md says it needs.
func TestDownloads_ofAMillionRowsStayUnderTheServersMemory(t *testing.T) {
	const most = 256 + 64 + 64 // MiB: Go's, the engine's, and what neither counts
	settings := []string{"GOMEMLIMIT=256MiB", "ORIEL_ENGINE_MEMORY=64MiB", "ORIEL_CACHE_MEMORY=16MiB"}
	onEachWords(t, settings, func(t *testing.T, h *wordsHouse) {
		base := h.node.peak()
		var fast, slow sync.WaitGroup
		done := make(chan struct{})
		for i := range 4 { // all that may be under way at once
			person := h.enters(signed{claims: claims("sub", fmt.Sprint("p", i), "email", fmt.Sprintf("p%d@example.com", i), "groups", []string{"operators"})})
			format := []string{"csv", "json"}[i%2]
			answers, leave := h.begin(person, "POST", "/api/v1/questions/million/download?format="+format)
			response, came := <-answers
			if !came || response.StatusCode != http.StatusOK {
				t.Fatalf("%s does not begin: %v", format, response)
			}
			if i < 2 {
				slow.Go(func() {
					defer leave()
					buffer := make([]byte, 32<<10)
					for {
						select {
						case <-done:
							return
						case <-time.After(20 * time.Millisecond):
						}
						if _, err := response.Body.Read(buffer); err != nil {
							t.Errorf("a slow reader of %s was left alone: %v", format, err)
							return
						}
					}
				})
				continue
			}
			fast.Go(func() {
				defer leave()
				size, err := io.Copy(io.Discard, response.Body)
				if err != nil || size < 200_000_000 || response.Trailer.Get("X-Oriel-Truncated") != "false" {
					t.Errorf("%s: %d bytes, truncated %q: %v", format, size, response.Trailer.Get("X-Oriel-Truncated"), err)
				}
			})
		}
		fast.Wait()
		close(done)
		slow.Wait()
		if peak := h.node.peak(); peak > most {
			t.Errorf("the process held %d MiB, more than %d", peak, most)
		}
		t.Logf("the process held %d MiB at first and %d at most", base, h.node.peak())
	})
}
