package store

import (
	"context"
	"crypto/hmac"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// How the instance key is changed. The store's check value says which key it
// is under; it changes in the transaction that seals every value anew, so the
// store is under one key or the other at any moment. A configured key is
// changed when the store is opened with the new one and the previous one. A
// key in a file is changed by [Store.RotateKeyFile]:
//
//  1. the new key is written to KeyFile.next and made durable
//  2. one transaction seals everything anew and replaces the check value
//  3. KeyFile.next is renamed to KeyFile
//
// All three are done under the store's write lock, so that one process at a
// time does them, and 3 only when 2 is durable. Cut off before 2, the store is under KeyFile as before; cut
// off after it, whoever needs the key finds it in KeyFile.next, and the next
// start does 3.

// nextSuffix names the file of a key that is about to be the store's.
const nextSuffix = ".next"

// errKeyChanged means that the store is under a key that this process does not
// have.
var errKeyChanged = errors.New("the store's instance key is another now")

const keyCheckSQL = `SELECT value FROM facts WHERE name = 'instance_key_check'`

// sealedColumn is a column of sealed values: key tells its rows apart, row is
// the expression for the place's row, under which the values were sealed.
type sealedColumn struct{ table, column, key, row string }

// sealedColumns lists every column that holds sealed values.
func sealedColumns() []sealedColumn {
	return []sealedColumn{
		{"provider_keys", "secret", "serial", "provider_id || '/' || kid"},
		{"source_urls", "url", "source", "source"},
		{"saml_keys", "secret", "serial", "CAST(serial AS TEXT)"},
	}
}

// seal seals a secret under the key that the store is under, which no other
// process can change before the transaction is over.
func (tx *Tx) seal(secret []byte, at place) ([]byte, error) {
	sealer, err := tx.sealer()
	if err != nil {
		return nil, err
	}
	return sealer.seal(secret, at)
}

// sealer is that of the key that the store is under, in this transaction.
func (tx *Tx) sealer() (*sealer, error) {
	var check []byte
	if _, err := tx.find("read the instance key's check value", keyCheckSQL, nil, &check); err != nil {
		return nil, err
	}
	return tx.writer.store.sealerFor(check)
}

// followKey makes the key that the store is under that of the reads too.
func (s *Store) followKey(ctx context.Context) error {
	var check []byte
	if err := s.read.QueryRowContext(ctx, keyCheckSQL).Scan(&check); err != nil {
		return failed("read the instance key's check value", err)
	}
	_, err := s.sealerFor(check)
	return err
}

// sealerFor is the sealer with a check value: the one of now, or that of the
// key file, which becomes the one of now. It fails with store_unavailable and
// errKeyChanged when neither is.
func (s *Store) sealerFor(check []byte) (*sealer, error) {
	if now := s.seal.now.Load(); hmac.Equal(check, now.check) {
		return now, nil
	}
	if s.options.KeyFile == "" {
		return nil, unavailable(fmt.Errorf("%w: start oriel again with the new one as secret_key", errKeyChanged))
	}
	var unread error
	// In this order a rename between the two reads is no harm.
	for _, path := range []string{s.options.KeyFile + nextSuffix, s.options.KeyFile} {
		found, err := s.sealerIn(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			unread = err
		case hmac.Equal(check, found.check):
			s.seal.now.Store(found)
			s.options.Log.Info("the instance key was changed; the new one is in use", slog.String("id", found.id()))
			return found, nil
		}
	}
	if unread != nil {
		return nil, unavailable(unread)
	}
	return nil, unavailable(fmt.Errorf("%w than the one in %s: restore that file from your backup", errKeyChanged, s.options.KeyFile))
}

func (s *Store) sealerIn(path string) (*sealer, error) {
	key, err := readInstanceKey(path)
	if err != nil {
		return nil, err
	}
	return newSealer(key, s.options.Random)
}

// checkInstanceKey sees that the store is under the instance key: a new store
// is from now on, one under the previous key is brought under this one, and a
// change of the key file that was cut off is ended. Any other is refused.
func (s *Store) checkInstanceKey(ctx context.Context, tx *Tx) error {
	now := s.seal.now.Load()
	var check []byte
	found, err := tx.find("read the instance key's check value", keyCheckSQL, nil, &check)
	if err != nil {
		return err
	}
	if !found {
		return tx.change("keep the instance key's check value",
			`INSERT INTO facts (name, value) VALUES ('instance_key_check', ?)`, now.check)
	}
	_, err = s.sealerFor(check)
	if err == nil {
		return tx.finishKeyFile(ctx)
	}
	if !errors.Is(err, errKeyChanged) {
		return err
	}
	if s.options.PreviousKey != nil {
		previous, err := newSealer(s.options.PreviousKey, s.options.Random)
		if err != nil {
			return err
		}
		if hmac.Equal(check, previous.check) {
			return tx.reseal(previous, now)
		}
	}
	return fmt.Errorf("the store %s was made with another instance key: start with that one (ORIEL_SECRET_KEY, or the key file beside the store); give it as ORIEL_PREVIOUS_SECRET_KEY to change it for this one; or choose another ORIEL_DATABASE_URL", s.path)
}

// RotateKeyFile gives the store a new instance key and keeps it in the key
// file. A server that runs on the store goes on with it. It fails with
// invalid_request when the key is configured. The file is as it was when it
// fails, or the next start ends what was begun.
func (s *Store) RotateKeyFile(ctx context.Context) ([]oriel.Change, error) {
	if s.options.KeyFile == "" {
		return nil, oriel.E(oriel.CodeInvalidRequest, "the instance key is configured, so it is changed there: start with a new one as secret_key and the one of now as previous_secret_key")
	}
	id, err := s.changeKey(ctx)
	if err != nil {
		return nil, fmt.Errorf("change the instance key: %w", err)
	}
	if err := s.Write(ctx, func(tx *Tx) error { return tx.finishKeyFile(ctx) }); err != nil {
		return nil, fmt.Errorf("the instance key is changed and still in %s%s, which the next start renames: %w", s.options.KeyFile, nextSuffix, err)
	}
	return []oriel.Change{{Kind: instanceKeyKind, Key: id, Action: "updated"}}, s.refresh(ctx)
}

// changeKey does steps 1 and 2.
func (s *Store) changeKey(ctx context.Context) (id string, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		now, err := tx.sealer()
		if err != nil {
			return err
		}
		// Of a change that another process began and did not end.
		if err := tx.finishKeyFile(ctx); err != nil {
			return err
		}
		next, err := s.makeNextKey()
		if err != nil {
			return err
		}
		id = next.id()
		return tx.reseal(now, next)
	})
	return id, err
}

// makeNextKey makes a key for step 2. One that lies there, after finishKeyFile,
// is of a change that was cut off before step 2: nothing durable is under it.
func (s *Store) makeNextKey() (*sealer, error) {
	path := s.options.KeyFile + nextSuffix
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), keyDraft))
	if err != nil {
		return nil, fmt.Errorf("look for what is left of a change that was cut off: %w", err)
	}
	for _, one := range append(left, path) {
		if err := os.Remove(one); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("take away what is left of a change that was cut off: %w", err)
		}
	}
	if err := createInstanceKey(path, s.options.Random); err != nil {
		return nil, fmt.Errorf("make the new key %s: %w", path, err)
	}
	return s.sealerIn(path)
}

// finishKeyFile does step 3 when step 2 is durable. That is read apart from the
// transaction, which may share its commit with another change that does step 2
// and may fail: the old key must be in its place then.
func (tx *Tx) finishKeyFile(ctx context.Context) error {
	s := tx.writer.store
	if s.options.KeyFile == "" {
		return nil
	}
	var check []byte
	if err := s.read.QueryRowContext(ctx, keyCheckSQL).Scan(&check); err != nil {
		return failed("read the instance key's check value", err)
	}
	next, err := s.sealerIn(s.options.KeyFile + nextSuffix)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !hmac.Equal(next.check, check) {
		return nil // none, or one of before step 2
	}
	if err != nil {
		return s.unlessFileFits(check, err)
	}
	if err := os.Rename(s.options.KeyFile+nextSuffix, s.options.KeyFile); err != nil {
		return fmt.Errorf("put the new instance key in its place: %w", err)
	}
	return syncFolder(filepath.Dir(s.options.KeyFile))
}

// unlessFileFits overlooks a KeyFile.next that cannot be read while the key
// file itself has the store's key.
func (s *Store) unlessFileFits(check []byte, unread error) error {
	if inFile, err := s.sealerIn(s.options.KeyFile); err == nil && hmac.Equal(inFile.check, check) {
		return nil
	}
	return unread
}

// instanceKeyKind names the instance key among what changes.
const instanceKeyKind = "instance_key"

// reseal seals every value anew, makes the other key the store's, and lets
// running servers know.
func (tx *Tx) reseal(from, to *sealer) error {
	for _, c := range sealedColumns() {
		if err := tx.resealColumn(c, from, to); err != nil {
			return fmt.Errorf("seal %s.%s under the new instance key: %w", c.table, c.column, err)
		}
	}
	if err := tx.change("replace the instance key's check value",
		`UPDATE facts SET value = ? WHERE name = 'instance_key_check'`, to.check); err != nil {
		return err
	}
	if err := tx.change("count the declaration's revision",
		`UPDATE facts SET value = value + 1 WHERE name = 'declared_revision'`); err != nil {
		return err
	}
	return tx.InsertAuditEntry(oriel.AuditEntry{
		At: tx.writer.store.options.Clock(), Who: operator, Action: "updated", Kind: instanceKeyKind, Key: to.id(),
		From: `{"id":"` + from.id() + `"}`, To: `{"id":"` + to.id() + `"}`,
	})
}

func (tx *Tx) resealColumn(c sealedColumn, from, to *sealer) error {
	values, err := tx.sealedValues(c)
	if err != nil {
		return err
	}
	update := "UPDATE " + c.table + " SET " + c.column + " = ? WHERE " + c.key + " = ?"
	for _, v := range values {
		at := place{table: c.table, row: v.row, column: c.column}
		secret, err := from.open(v.sealed, at)
		if err != nil {
			return fmt.Errorf("row %s: %w", v.row, err)
		}
		sealed, err := to.seal(secret, at)
		if err != nil {
			return err
		}
		if err := tx.change("keep row "+v.row, update, sealed, v.key); err != nil {
			return err
		}
	}
	return nil
}

// sealedValue is one value of a sealedColumn.
type sealedValue struct {
	key    any
	row    string
	sealed []byte
}

func (tx *Tx) sealedValues(c sealedColumn) (all []sealedValue, err error) {
	stmt, err := tx.writer.prepared("SELECT " + c.key + ", " + c.row + ", " + c.column + " FROM " + c.table + " WHERE " + c.column + " IS NOT NULL")
	if err != nil {
		return nil, failed("read sealed values", err)
	}
	rows, err := stmt.QueryContext(context.Background())
	if err != nil {
		return nil, failed("read sealed values", err)
	}
	defer func() { err = errors.Join(err, failed("read sealed values", rows.Close())) }()
	for rows.Next() {
		var v sealedValue
		if err := rows.Scan(&v.key, &v.row, &v.sealed); err != nil {
			return nil, failed("read sealed values", err)
		}
		all = append(all, v)
	}
	return all, failed("read sealed values", rows.Err())
}

// id tells keys apart, in what is sealed and in the audit. It is derived one
// way, so it is no part of the key.
func (s *sealer) id() string { return hex.EncodeToString(s.keyID) }
