package duckdb

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"syscall"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// importVersion is part of every revision: raise it when the importer would
// make something else of the same files.
const importVersion = "oriel import 2"

// databasesFolder is where database files are, inside the data folder.
const databasesFolder = "sources"

var (
	keyText   = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)
	tableText = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`)
)

// Import is [Sync] of files that are named relative to baseDir.
func Import(ctx context.Context, folder, key, baseDir string, files []string) (oriel.Source, error) {
	found, _, err := Sync(ctx, folder, oriel.Source{Key: key, Kind: oriel.SourceDuckDB, Files: slices.Clone(files), BaseDir: baseDir}, nil)
	return found, err
}

// Sync reads a source's files: CSV (RFC 4180, UTF-8, first line the columns'
// names; an empty field is NULL), Parquet and JSON, named relative to its BaseDir
// and inside it, into a new database file under folder, with one table per file,
// named as the file is without its end. Types of CSV and JSON files are found by
// reading every value. Columns of other types than Oriel's are left out, and the
// findings warn of them. The file
// appears under its name only when it is complete. The same content has the
// same revision and makes no new file. report, unless it is nil, is told of the
// progress. When ctx ends it returns, and the engine stops.
//
// Errors: invalid_request with the file and what to do; source_unavailable
// when the data folder can't be written; ctx's own.
func Sync(ctx context.Context, folder string, wanted oriel.Source, report func(oriel.SyncProgress)) (oriel.Source, oriel.SyncFindings, error) {
	if report == nil {
		report = func(oriel.SyncProgress) {}
	}
	found, findings, err := readFiles(ctx, folder, wanted, report)
	if err != nil && ctx.Err() != nil {
		err = ctx.Err() // whatever the engine made of it
	}
	if err != nil {
		return oriel.Source{}, oriel.SyncFindings{}, err
	}
	return found, findings, nil
}

// Look tells which tables a source's files would make, without reading them.
// Errors as [Sync].
func Look(wanted oriel.Source) (oriel.Source, error) {
	tables, err := tablesOf(wanted.Files)
	if err != nil {
		return oriel.Source{}, err
	}
	root, err := os.OpenRoot(wanted.BaseDir)
	if err != nil {
		return oriel.Source{}, cantRead(".", err)
	}
	defer root.Close()
	found := wanted
	found.Tables = nil
	for _, t := range tables {
		in, err := openRegular(root, t.file)
		if err != nil {
			return oriel.Source{}, cantRead(t.file, err)
		}
		if err := in.Close(); err != nil {
			return oriel.Source{}, cantRead(t.file, err)
		}
		if t.format != formatDatabase { // the tables of that are known once it was read
			found.Tables = append(found.Tables, oriel.SourceTable{Name: t.name})
		}
	}
	return found, nil
}

func readFiles(ctx context.Context, folder string, wanted oriel.Source, report func(oriel.SyncProgress)) (oriel.Source, oriel.SyncFindings, error) {
	none, nothing := oriel.Source{}, oriel.SyncFindings{}
	if !keyText.MatchString(wanted.Key) {
		return none, nothing, oriel.E(oriel.CodeInvalidRequest,
			"the source's key %q may hold a-z, 0-9, - and _ only, and at most 63 of them", wanted.Key)
	}
	tables, err := tablesOf(wanted.Files)
	if err != nil {
		return none, nothing, err
	}
	sources := filepath.Join(folder, databasesFolder)
	if err := os.MkdirAll(sources, 0o700); err != nil {
		return none, nothing, cantWrite(wanted.Key, err)
	}
	work, err := os.MkdirTemp(sources, ".import-")
	if err != nil {
		return none, nothing, cantWrite(wanted.Key, err)
	}
	defer os.RemoveAll(work)

	revision, err := copyFiles(ctx, wanted.BaseDir, tables, work, report)
	if err != nil {
		return none, nothing, err
	}
	src := wanted
	src.BaseDir, src.Revision = "", revision
	src.Database = filepath.ToSlash(filepath.Join(databasesFolder, wanted.Key+"-"+revision[:32]+".duckdb"))
	target, err := databasePath(folder, src.Database)
	if err != nil {
		return none, nothing, cantWrite(wanted.Key, err)
	}
	var findings oriel.SyncFindings
	if src.Tables, findings, err = describeFile(ctx, target, wantedOf(tables)); err == nil {
		return src, findings, nil // imported before, and sound
	}
	if ctx.Err() != nil {
		return none, nothing, ctx.Err()
	}
	made := filepath.Join(work, "database")
	if err := importTables(ctx, made, work, tables, report); err != nil {
		return none, nothing, err
	}
	if src.Tables, findings, err = describeFile(ctx, made, wantedOf(tables)); err != nil {
		return none, nothing, err
	}
	if ctx.Err() != nil {
		return none, nothing, ctx.Err()
	}
	if err := publish(made, target); err != nil {
		return none, nothing, cantWrite(wanted.Key, err)
	}
	return src, findings, nil
}

func cantWrite(key string, err error) error {
	return &oriel.Error{Code: oriel.CodeSourceUnavailable,
		Message: fmt.Sprintf("The source %s can't be written to the data folder; check that it exists and is writable.", key), Err: err}
}

// copyFiles copies what is imported to a folder that nobody else writes, and
// hashes exactly that. os.Root keeps links from leading out of baseDir.
func copyFiles(ctx context.Context, baseDir string, tables []table, work string, report func(oriel.SyncProgress)) (revision string, err error) {
	root, err := os.OpenRoot(baseDir)
	if err != nil {
		return "", cantRead(baseDir, err)
	}
	defer root.Close()
	copies, err := os.OpenRoot(work)
	if err != nil {
		return "", cantRead(baseDir, err)
	}
	defer copies.Close()
	total := sha256.New()
	fmt.Fprintf(total, "%s\n", importVersion)
	for i, t := range tables {
		report(oriel.SyncProgress{Phase: oriel.SyncCopying, Done: i, Tables: len(tables)})
		if t.format == formatDatabase {
			if log, err := root.Lstat(t.file + ".wal"); err == nil && log.Size() > 0 {
				return "", oriel.E(oriel.CodeInvalidRequest, "%s: a part of it is still in %s.wal: close it where it is written, or CHECKPOINT", t.file, t.file)
			}
		}
		sum, err := copyFile(ctx, root, t.file, copies, t.copied())
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		if err != nil {
			return "", cantRead(t.file, err)
		}
		fmt.Fprintf(total, "%d:%s %x\n", len(t.copied()), t.copied(), sum)
	}
	return hex.EncodeToString(total.Sum(nil)), nil
}

// wantedOf is how many tables there will be; 0 when only the import knows.
func wantedOf(tables []table) int {
	if tables[0].format == formatDatabase {
		return 0
	}
	return len(tables)
}

func cantRead(file string, err error) error {
	return &oriel.Error{Code: oriel.CodeInvalidRequest,
		Message: fmt.Sprintf("%s: the file can't be read; it must exist inside the folder of its source", file), Err: err}
}

// openRegular opens a file inside base, and no other kind of thing: whoever
// opened a pipe would wait for somebody to write into it.
func openRegular(base *os.Root, name string) (*os.File, error) {
	in, err := base.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if info, err := in.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, errors.New("it is not a regular file"), in.Close())
	}
	return in, nil
}

// untilDone reads until ctx ends.
type untilDone struct {
	ctx  context.Context
	from io.Reader
}

func (r untilDone) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(p)
}

func copyFile(ctx context.Context, base *os.Root, from string, copies *os.Root, to string) (sum []byte, err error) {
	in, err := openRegular(base, from)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	out, err := copies.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	content := sha256.New()
	_, err = io.Copy(io.MultiWriter(out, content), untilDone{ctx, in})
	return content.Sum(nil), errors.Join(err, out.Close())
}

// publish puts a complete database in its place, durably.
func publish(made, target string) error {
	if _, err := os.Stat(made + ".wal"); !errors.Is(err, os.ErrNotExist) {
		return errors.New("the import left a log behind")
	}
	if err := syncPath(filepath.Dir(made), filepath.Base(made)); err != nil {
		return err
	}
	if err := os.Rename(made, target); err != nil {
		return err
	}
	return syncPath(filepath.Dir(target), ".")
}

// syncPath makes what is written to a file or folder durable.
func syncPath(folder, name string) error {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	f, err := root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
