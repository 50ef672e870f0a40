package duckdb

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	bindings "github.com/duckdb/duckdb-go-bindings"
	driver "github.com/duckdb/duckdb-go/v2"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// stream is a result that the engine is still making: it runs ahead by about a
// megabyte and waits for whoever reads. Close it.
type stream struct {
	statement bindings.PreparedStatement
	result    bindings.Result
	begun     bool
}

// openStream runs a prepared text. Its errors are the engine's.
func openStream(statement bindings.PreparedStatement, arguments []oriel.Scalar) (_ *stream, err error) {
	s := &stream{statement: statement}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if err := bindAll(statement, arguments); err != nil {
		return nil, err
	}
	var pending bindings.PendingResult
	defer bindings.DestroyPending(&pending)
	if bindings.PendingPreparedStreaming(s.statement, &pending) == bindings.StateError {
		return nil, engineError(bindings.PendingError(pending))
	}
	s.begun = true
	if bindings.ExecutePending(pending, &s.result) == bindings.StateError {
		return nil, engineError(bindings.ResultError(&s.result))
	}
	return s, nil
}

// execute runs statements of ours that answer with nothing.
func execute(handle bindings.Connection, text string) error {
	var result bindings.Result
	defer bindings.DestroyResult(&result)
	if bindings.Query(handle, text, &result) == bindings.StateError {
		return engineError(bindings.ResultError(&result))
	}
	return nil
}

// mostRowsOfAChunk is far more than the engine's vectors hold (2,048).
const mostRowsOfAChunk = 1 << 20

// next gives rows to read until the next call; false at the end.
func (s *stream) next(read func(chunk bindings.DataChunk, rows int) error) (more bool, err error) {
	chunk := bindings.FetchChunk(s.result)
	defer bindings.DestroyDataChunk(&chunk)
	if chunk.Ptr == nil {
		if words := bindings.ResultError(&s.result); words != "" {
			return false, engineError(words)
		}
		return false, nil
	}
	rows := bindings.DataChunkGetSize(chunk)
	if rows == 0 {
		return false, nil
	}
	if rows > mostRowsOfAChunk {
		return false, fmt.Errorf("the engine gave a chunk of %d rows", rows)
	}
	return true, read(chunk, int(rows))
}

func (s *stream) close() {
	if s.begun {
		bindings.DestroyResult(&s.result)
	}
}

// interruptWait is how often an engine is told to stop that has not: it forgets
// what it is told while it plans.
const interruptWait = 5 * time.Millisecond

// interruptible ends what the engine does for a connection when ctx ends. After
// release nothing interrupts it any more.
func interruptible(ctx context.Context, connection bindings.Connection) (release func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-ctx.Done():
		case <-done:
			return
		}
		again := time.NewTicker(interruptWait)
		defer again.Stop()
		for {
			bindings.Interrupt(connection)
			select {
			case <-again.C:
			case <-done:
				return
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}

// engineError is what the engine said, with the kind that its first words name.
func engineError(words string) error {
	kind, _, _ := strings.Cut(words, ": ")
	switch kind {
	case "IO Error":
		return &driver.Error{Type: driver.ErrorTypeIO, Msg: words}
	case "FATAL Error":
		return &driver.Error{Type: driver.ErrorTypeFatal, Msg: words}
	case "Serialization Error":
		return &driver.Error{Type: driver.ErrorTypeSerialization, Msg: words}
	case "INTERNAL Error":
		return &driver.Error{Type: driver.ErrorTypeInternal, Msg: words}
	case "":
		return errors.New("the engine failed and said nothing")
	}
	return &driver.Error{Type: driver.ErrorTypeInvalid, Msg: words}
}
