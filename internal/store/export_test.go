package store

import "context"

// Commits is how many transactions have been committed with a change.
func Commits(s *Store) int64 { return s.commits.Load() }

// Queued is how many writes wait.
func Queued(s *Store) int { return len(s.writer.queue) }

// SecretOf opens a sealed value as that of another place.
func SecretOf(s *Store, sealed []byte, provider, kid string) ([]byte, error) {
	return s.seal.open(sealed, secretPlace(provider, kid))
}

// ReadSynchronous is the writer's PRAGMA synchronous.
func ReadSynchronous(ctx context.Context, s *Store) (mode int, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		_, err := tx.find("read the pragma", `PRAGMA synchronous`, nil, &mode)
		return err
	})
	return mode, err
}
