package duckdb

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// memory is what a source's instance may use, in bytes.
func (e *Engine) memory(src oriel.Source) int64 {
	if src.Limits.MemoryMiB > 0 {
		return int64(src.Limits.MemoryMiB) << 20
	}
	return e.options.Memory
}

// open opens a file. With other memory than usual it does so under a name of its
// own: within a process the engine shares what is open of a file, and refuses
// it with other settings while the last query of before still runs.
func (e *Engine) open(ctx context.Context, path string, memory int64) (_ *instance, err error) {
	options := e.options
	options.Memory = memory
	if memory != e.options.Memory {
		own := filepath.Join(filepath.Dir(path), ".open-"+rand.Text()+".duckdb")
		if err := os.Link(path, own); err != nil {
			return nil, err
		}
		// What is open stays so without its name.
		defer func() { err = errors.Join(err, os.Remove(own)) }()
		path = own
	}
	i, err := openInstance(ctx, path, options)
	if err != nil {
		return nil, err
	}
	i.memory = memory
	return i, nil
}

// enter waits for the turn of a query, first among those of its source, if that
// bounds them, then among all: who waits for the one takes nothing of the other.
func (e *Engine) enter(ctx context.Context, src oriel.Source, all chan struct{}) (leave func(), err error) {
	own := e.turn(src)
	select {
	case own <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case all <- struct{}{}:
		return func() { <-all; <-own }, nil
	case <-ctx.Done():
		<-own
		return nil, ctx.Err()
	}
}

// turn has a place for each query of the source that may run.
func (e *Engine) turn(src oriel.Source) chan struct{} {
	most := src.Limits.Connections
	if most == 0 {
		most = e.options.Connections + e.options.Streams
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.turns[src.Key] == nil || cap(e.turns[src.Key]) != most {
		e.turns[src.Key] = make(chan struct{}, most)
	}
	return e.turns[src.Key]
}
