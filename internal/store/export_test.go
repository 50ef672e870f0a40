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

// MakeNextKey does the first step of a change of the key file alone.
func MakeNextKey(ctx context.Context, s *Store) error {
	return s.Write(ctx, func(*Tx) error {
		_, err := s.makeNextKey()
		return err
	})
}

// ChangeKey does all steps but the last.
func ChangeKey(ctx context.Context, s *Store) error {
	_, err := s.changeKey(ctx)
	return err
}

// KeyID is the id of an instance key, with which what it seals begins.
func KeyID(key []byte) ([]byte, error) {
	sealer, err := newSealer(key, nil)
	if err != nil {
		return nil, err
	}
	return append([]byte{sealVersion}, sealer.keyID...), nil
}

// KeyIDOf is the id of the instance key that the store uses.
func KeyIDOf(s *Store) []byte {
	return append([]byte{sealVersion}, s.seal.now.Load().keyID...)
}

// CheckValue is what the store keeps to know an instance key by.
func CheckValue(key []byte) ([]byte, error) {
	sealer, err := newSealer(key, nil)
	if err != nil {
		return nil, err
	}
	return sealer.check, nil
}

// OpenUnder opens a sealed value with an instance key.
func OpenUnder(key, sealed []byte, provider, kid string) ([]byte, error) {
	sealer, err := newSealer(key, nil)
	if err != nil {
		return nil, err
	}
	return sealer.open(sealed, secretPlace(provider, kid))
}

// SealedColumns are the names of the columns that are sealed anew.
func SealedColumns() (names []string) {
	for _, c := range sealedColumns() {
		names = append(names, c.table+"."+c.column)
	}
	return names
}

// FailCommit makes the commit of the transaction fail, for everybody in it.
func FailCommit(tx *Tx) error {
	if _, err := tx.exec(`PRAGMA defer_foreign_keys = ON`); err != nil {
		return err
	}
	_, err := tx.exec(`INSERT INTO group_members (user_id, group_key) VALUES ('nobody', 'nothing')`)
	return err
}

// ReadSynchronous is the writer's PRAGMA synchronous.
func ReadSynchronous(ctx context.Context, s *Store) (mode int, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		_, err := tx.find("read the pragma", `PRAGMA synchronous`, nil, &mode)
		return err
	})
	return mode, err
}
