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
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// importVersion is part of every revision: raise it when the importer would
// make something else of the same files.
const importVersion = "oriel csv import 1"

// databasesFolder is where database files are, inside the data folder.
const databasesFolder = "sources"

var (
	keyText   = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)
	tableText = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`)
)

// Import is the sync of a source: it reads CSV files (RFC 4180, UTF-8, first
// line the columns' names), named relative to baseDir and inside it, into a
// new database file under folder, with one table per file, named as the file
// is without ".csv". Types are found by reading every line; an empty field is
// NULL. The file appears under its name only when it is complete. The same
// content has the same revision and makes no new file.
//
// Errors: invalid_request with the file and what to do; source_unavailable
// when the data folder can't be written.
func Import(ctx context.Context, folder, key, baseDir string, files []string) (oriel.Source, error) {
	if !keyText.MatchString(key) {
		return oriel.Source{}, oriel.E(oriel.CodeInvalidRequest,
			"the source's key %q may hold a-z, 0-9, - and _ only, and at most 63 of them", key)
	}
	tables, err := tableNames(files)
	if err != nil {
		return oriel.Source{}, err
	}
	sources := filepath.Join(folder, databasesFolder)
	if err := os.MkdirAll(sources, 0o700); err != nil {
		return oriel.Source{}, cantWrite(key, err)
	}
	work, err := os.MkdirTemp(sources, ".import-")
	if err != nil {
		return oriel.Source{}, cantWrite(key, err)
	}
	defer os.RemoveAll(work)

	revision, err := copyFiles(ctx, baseDir, files, tables, work)
	if err != nil {
		return oriel.Source{}, err
	}
	src := oriel.Source{
		Key:      key,
		Kind:     oriel.SourceDuckDB,
		Files:    slices.Clone(files),
		Revision: revision,
		Database: filepath.ToSlash(filepath.Join(databasesFolder, key+"-"+revision[:32]+".duckdb")),
	}
	target, err := databasePath(folder, src.Database)
	if err != nil {
		return oriel.Source{}, cantWrite(key, err)
	}
	if src.Tables, err = describeFile(ctx, target, tables); err == nil {
		return src, nil // imported before, and sound
	}
	made := filepath.Join(work, "database")
	if err := importTables(ctx, made, work, files, tables); err != nil {
		return oriel.Source{}, err
	}
	if src.Tables, err = describeFile(ctx, made, tables); err != nil {
		return oriel.Source{}, err
	}
	if err := publish(made, target); err != nil {
		return oriel.Source{}, cantWrite(key, err)
	}
	return src, nil
}

func cantWrite(key string, err error) error {
	return &oriel.Error{Code: oriel.CodeSourceUnavailable,
		Message: fmt.Sprintf("The source %s can't be written to the data folder; check that it exists and is writable.", key), Err: err}
}

// tableNames gives the table of each file.
func tableNames(files []string) ([]string, error) {
	if len(files) == 0 {
		return nil, oriel.E(oriel.CodeInvalidRequest, "the source names no files")
	}
	var tables []string
	for _, file := range files {
		name, isCSV := strings.CutSuffix(filepath.Base(file), ".csv")
		switch {
		case !filepath.IsLocal(file):
			return nil, oriel.E(oriel.CodeInvalidRequest, "%s: the file must be inside the declaration's folder", file)
		case !isCSV:
			return nil, oriel.E(oriel.CodeInvalidRequest, "%s: only files that end with .csv can be read", file)
		case !tableText.MatchString(name) || reservedName(foldName(name)):
			return nil, oriel.E(oriel.CodeInvalidRequest,
				"%s: the file's name becomes the table's: use letters, digits and _, at most 63, and none of the prefixes oriel_ duckdb_ pragma_ pg_ sqlite_", file)
		case slices.ContainsFunc(tables, func(t string) bool { return foldName(t) == foldName(name) }):
			return nil, oriel.E(oriel.CodeInvalidRequest, "%s: another file makes a table of this name", file)
		}
		tables = append(tables, name)
	}
	return tables, nil
}

// copyFiles copies what is imported to a folder that nobody else writes, and
// hashes exactly that. os.Root keeps links from leading out of baseDir.
func copyFiles(ctx context.Context, baseDir string, files, tables []string, work string) (revision string, err error) {
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
	for i, file := range files {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		sum, err := copyFile(root, file, copies, tables[i]+".csv")
		if err != nil {
			return "", cantRead(file, err)
		}
		fmt.Fprintf(total, "%d:%s %x\n", len(tables[i]), tables[i], sum)
	}
	return hex.EncodeToString(total.Sum(nil)), nil
}

func cantRead(file string, err error) error {
	return &oriel.Error{Code: oriel.CodeInvalidRequest,
		Message: fmt.Sprintf("%s: the file can't be read; it must exist inside the declaration's folder", file), Err: err}
}

func copyFile(base *os.Root, from string, copies *os.Root, to string) (sum []byte, err error) {
	in, err := base.Open(from)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if info, err := in.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, errors.New("it is not a regular file"))
	}
	out, err := copies.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	content := sha256.New()
	_, err = io.Copy(io.MultiWriter(out, content), in)
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
