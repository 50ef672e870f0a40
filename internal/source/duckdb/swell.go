package duckdb

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// A file may become that many times its size when it is imported, and so many
// bytes more: one that is made to can become a million times its size.
const (
	mostSwelling = 50
	freeSwelling = 64 << 20
	swellEach    = 50 * time.Millisecond
)

var errSwollen = errors.New("the import becomes too large for its files")

// notSwollen gives a context that ends when what is in the folder becomes too
// large for what is in it now. Call stop when the import is over.
func notSwollen(ctx context.Context, work string) (limited context.Context, most int64, stop func()) {
	before := sizeOf(work)
	bound := before*(1+mostSwelling) + freeSwelling
	bounded, cancel := context.WithCancelCause(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(swellEach)
		defer tick.Stop()
		for {
			select {
			case <-bounded.Done():
				return
			case <-tick.C:
				if sizeOf(work) > bound {
					cancel(errSwollen)
				}
			}
		}
	}()
	return bounded, bound - before, func() {
		cancel(nil)
		<-ended
	}
}

// sizeOf adds the sizes of the files of a folder. One that goes away meanwhile
// has none.
func sizeOf(folder string) int64 {
	var size int64
	_ = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return nil
		}
		if info, err := os.Lstat(path); err == nil {
			size += info.Size()
		}
		return nil
	})
	return size
}
