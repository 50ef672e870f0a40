package kinds

import (
	"context"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source/duckdb"
	"github.com/oriel-bi/oriel/internal/source/postgres"
)

// Options are what sources are held to.
type Options struct {
	// DataFolder is where imported files are kept.
	DataFolder string
	// Folder is the server's folder for sources, in which alone the files of
	// sources may be that were made on it; "" when it has none.
	Folder string
	// Hosts are the servers on which sources may be.
	Hosts oriel.SourceHosts
	// Operator is who runs this process: their sources may name files of this
	// machine, such as a socket or a certificate.
	Operator bool
}

// Kinds reach the sources of each kind.
type Kinds struct{ options Options }

// New makes Kinds. Nothing is reached before it is asked for.
func New(options Options) *Kinds { return &Kinds{options} }

// Address tells where a server source is. Errors: invalid_request, which holds
// no password.
func (k *Kinds) Address(src oriel.Source) (oriel.SourceAddress, error) { return postgres.Address(src) }

// Permit tells whether a source may be saved that somebody made on this server.
// Errors: invalid_request with the reason.
func (k *Kinds) Permit(src oriel.Source) error {
	if src.Kind == oriel.SourceDuckDB {
		_, err := k.placed(src)
		return err
	}
	if err := k.reachable(src); err != nil {
		return err
	}
	if !k.options.Operator && postgres.NamesFiles(src) {
		return oriel.E(oriel.CodeInvalidRequest,
			"its url names a socket or a file of the server (host=/…, sslrootcert, sslcert, sslkey): only who runs the server may, with oriel apply or oriel source")
	}
	return nil
}

// reachable tells whether a server is one that sources may be on.
func (k *Kinds) reachable(src oriel.Source) error {
	address, err := postgres.Address(src)
	if err != nil {
		return err
	}
	if !k.options.Hosts.Permit(address.Hosts) {
		return oriel.E(oriel.CodeInvalidRequest, "its url names a server that is not among source_hosts: ask who runs this server to list it")
	}
	return nil
}

// Test tries to reach a source and lists what it holds.
func (k *Kinds) Test(ctx context.Context, src oriel.Source) oriel.SourceTest {
	var found oriel.Source
	var findings oriel.SyncFindings
	var err error
	if src.Kind == oriel.SourcePostgres {
		if err = k.reachable(src); err == nil {
			found, findings, err = postgres.Sync(ctx, src, nil)
		}
	} else if src, err = k.placed(src); err == nil {
		found, err = duckdb.Look(src)
	}
	if err != nil {
		return oriel.SourceTest{Message: oriel.MessageOf(err)}
	}
	return oriel.SourceTest{OK: true, Warnings: findings.Warnings, Tables: len(found.Tables)}
}

// Sync reads what a source holds, and tells of the progress. ctx's end ends it
// in the engine. Errors: invalid_request with the reason; source_unavailable
// when the data folder can't be written.
func (k *Kinds) Sync(ctx context.Context, src oriel.Source, report func(oriel.SyncProgress)) (oriel.Source, oriel.SyncFindings, error) {
	if src.Kind == oriel.SourcePostgres {
		if err := k.reachable(src); err != nil {
			return oriel.Source{}, oriel.SyncFindings{}, err
		}
		return postgres.Sync(ctx, src, report)
	}
	placed, err := k.placed(src)
	if err != nil {
		return oriel.Source{}, oriel.SyncFindings{}, err
	}
	return duckdb.Sync(ctx, k.options.DataFolder, placed, report)
}

// placed is a source of files with the folder that they are in.
func (k *Kinds) placed(src oriel.Source) (oriel.Source, error) {
	switch {
	case src.BaseDir != "": // of a declaration that was just read
	case !src.InFolder:
		return oriel.Source{}, oriel.E(oriel.CodeInvalidRequest, "its files are beside its declaration: run oriel apply to read them again")
	case k.options.Folder == "":
		return oriel.Source{}, oriel.E(oriel.CodeInvalidRequest, "this server has no folder for sources: set source_folder (ORIEL_SOURCE_FOLDER) to the one that holds the files")
	default:
		src.BaseDir = k.options.Folder
	}
	return src, nil
}
