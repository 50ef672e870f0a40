package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
)

// A WAL begins with a header of 32 bytes; each frame has one of 24 before its
// page (https://www.sqlite.org/fileformat2.html#walformat).
const (
	walHeader   = 32
	frameHeader = 24
)

// commitCount is what a run at 64 at once did to the store's file.
type commitCount struct {
	exchanges, commits int
	// early are sessions that were answered before another connection could see
	// them. With synchronous=FULL a commit is on the disk before it can be seen.
	early int64
}

// countCommits runs exchanges, so many at once, and counts the commits in the
// write-ahead log, from outside: nothing in the server tells.
func countCommits(ctx context.Context, s *server, exchanges int) (commitCount, error) {
	for range 3 {
		count, whole, err := tryCount(ctx, s, exchanges)
		if whole || err != nil {
			return count, err
		}
	}
	return commitCount{}, errors.New("the log was begun anew in the middle, three times over")
}

// tryCount is not whole when the log was begun anew meanwhile: what it held
// before cannot be counted any more.
func tryCount(ctx context.Context, s *server, exchanges int) (count commitCount, whole bool, err error) {
	db, err := sql.Open("sqlite", "file:"+s.database()+"?_pragma=query_only(1)&_pragma=busy_timeout(5000)")
	if err != nil {
		return count, false, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	// A log that no checkpoint has emptied, so that the reader below holds it: the
	// first write begins it anew when it was full, the second stands in it.
	for range 2 {
		if _, err := s.signIn(ctx); err != nil {
			return count, false, err
		}
	}
	reader, err := db.BeginTx(ctx, nil)
	if err != nil {
		return count, false, err
	}
	defer func() { _ = reader.Rollback() }() // it only reads
	var sessions int
	if err := reader.QueryRowContext(ctx, `SELECT count(*) FROM sessions`).Scan(&sessions); err != nil {
		return count, false, err
	}
	tokens, err := s.host.tokens(exchanges)
	if err != nil {
		return count, false, err
	}
	before, err := readLog(s.database() + "-wal")
	if err != nil {
		return count, false, err
	}
	var early atomic.Int64
	_, err = drive(ctx, exchanges, mostAtOnce, func(ctx context.Context, i int) error {
		token, err := s.exchange(ctx, tokens[i])
		if err != nil {
			return err
		}
		hash := sha256.Sum256([]byte(token))
		var there bool
		if err := db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM sessions WHERE token_hash = ?)`, hash[:]).Scan(&there); err != nil {
			return err
		}
		if !there {
			early.Add(1)
		}
		return nil
	})
	if err != nil {
		return count, false, err
	}
	after, err := readLog(s.database() + "-wal")
	if err != nil {
		return count, false, err
	}
	return commitCount{exchanges: exchanges, commits: after.commits - before.commits, early: early.Load()}, after.salt == before.salt, nil
}

// logState is how far a write-ahead log goes.
type logState struct {
	salt    [8]byte // another one when the log is begun anew
	commits int
}

// readLog counts the frames that end a transaction: those that tell the size
// of the database after it. A frame of an older log has another salt.
func readLog(path string) (state logState, err error) {
	log, err := os.ReadFile(path)
	if err != nil {
		return state, err
	}
	if len(log) < walHeader {
		return state, fmt.Errorf("%s has no header", path)
	}
	page := int(binary.BigEndian.Uint32(log[8:]))
	state.salt = [8]byte(log[16:24])
	for at := walHeader; at+frameHeader+page <= len(log); at += frameHeader + page {
		if !bytes.Equal(log[at+8:at+16], state.salt[:]) {
			break
		}
		if binary.BigEndian.Uint32(log[at+4:]) != 0 {
			state.commits++
		}
	}
	return state, nil
}
