package declaration

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// readFormats are the ends of the names of files that can be read.
var readFormats = []string{".csv", ".parquet", ".json", ".ndjson", ".jsonl"}

var tableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`)

func (b *builder) buildSources(d *document, file wireFile) {
	for _, key := range file.Sources.Keys {
		if !b.claim(d, "sources", key) {
			continue
		}
		w := file.Sources.Values[key]
		b.out.Sources = append(b.out.Sources, b.source(d, key, join("sources", key), w))
	}
}

func (b *builder) source(d *document, key, path string, w wireSource) oriel.Source {
	if oriel.SourceKind(w.Kind) == oriel.SourcePostgres {
		return serverSource(d, key, path, w)
	}
	if w.Database != "" {
		return databaseSource(d, key, path, w)
	}
	if len(w.Files) == 0 || w.URL+w.Schema+w.Role != "" || len(w.Tables) > 0 || w.Native {
		d.at(path, `%s of kind %s needs "files" or "database", not both, and no "url", "schema", "role", "tables" or "native_security"`, dotted(path), w.Kind)
	}
	folder := "the declaration's folder: put the file beside the declaration"
	if d.dir == "" {
		folder = "the server's folder for sources: put the file into it"
	}
	tables := map[string]bool{}
	for i, name := range w.Files {
		at := join(path, "files", i)
		table := tableOf(name)
		switch {
		case !filepath.IsLocal(name):
			d.at(at, "%s: %q leaves %s", dotted(at), name, folder)
		case !slices.Contains(readFormats, filepath.Ext(name)):
			d.at(at, "%s: %q can't be read: only files that end with %s can", dotted(at), name, strings.Join(readFormats, ", "))
		case !tableName.MatchString(table):
			d.at(at, "%s: %q makes no table name: use letters, digits and _ and don't begin with a digit", dotted(at), name)
		case tables[strings.ToLower(table)]:
			d.at(at, "%s: two files make the table %q: rename one", dotted(at), table)
		}
		tables[strings.ToLower(table)] = true
	}
	return oriel.Source{Key: key, Kind: oriel.SourceKind(w.Kind), Files: w.Files, BaseDir: d.dir, Limits: oriel.SourceLimits(w.Limits)}
}

// databaseSource is one whose tables are in a database file.
func databaseSource(d *document, key, path string, w wireSource) oriel.Source {
	at := join(path, "database")
	switch {
	case len(w.Files) > 0 || w.URL+w.Schema+w.Role != "" || len(w.Tables) > 0 || w.Native:
		d.at(path, `%s with "database" has no "files", "url", "schema", "role", "tables" or "native_security"`, dotted(path))
	case !filepath.IsLocal(w.Database):
		d.at(at, "%s: %q leaves the folder of the source's file", dotted(at), w.Database)
	case filepath.Ext(w.Database) != oriel.DatabaseFile:
		d.at(at, "%s: %q is not a database file: its name ends with %s", dotted(at), w.Database, oriel.DatabaseFile)
	}
	return oriel.Source{Key: key, Kind: oriel.SourceKind(w.Kind), Files: []string{w.Database}, BaseDir: d.dir, Limits: oriel.SourceLimits(w.Limits)}
}

// defaultSchema is where PostgreSQL puts tables that nobody puts elsewhere.
const defaultSchema = "public"

// serverSource is a source on a server. Its url holds a password, so it stands
// nowhere but where it is referred to.
func serverSource(d *document, key, path string, w wireSource) oriel.Source {
	switch at := join(path, "url"); {
	case w.URL == "" || len(w.Files) > 0 || w.Database != "":
		d.at(path, `%s of kind %s needs "url" and no "files" or "database": write url: "${env:NAME}"`, dotted(path), w.Kind)
	case !d.referred[at]:
		d.at(at, `%s stands in the file, with its password: keep it out and write "${env:NAME}" or "${file:PATH}"`, dotted(at))
	}
	if w.Limits.MemoryMiB > 0 {
		d.at(join(path, "limits", "memory_mib"), "%s: a server has its own memory: take it away", dotted(join(path, "limits", "memory_mib")))
	}
	schema := w.Schema
	if schema == "" {
		schema = defaultSchema
	}
	return oriel.Source{Key: key, Kind: oriel.SourceKind(w.Kind), URL: w.URL, Schema: schema, Role: w.Role, Only: w.Tables, NativeSecurity: w.Native, Limits: oriel.SourceLimits(w.Limits)}
}

// tableOf is the name of the table that a file becomes.
func tableOf(file string) string {
	return strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
}

func (b *builder) buildModels(d *document, file wireFile) {
	for _, key := range file.Models.Keys {
		if !b.claim(d, "models", key) {
			continue
		}
		w := file.Models.Values[key]
		b.out.Models = append(b.out.Models, oriel.Model{
			Key: key, Name: w.Name, Table: tableRef(w.Table), Description: w.Description, TimeColumn: w.TimeColumn,
			Columns: modelColumns(d, join("models", key, "columns"), w.Columns),
		})
	}
}

func modelColumns(d *document, path string, w ordered[wireModelColumn]) []oriel.ModelColumn {
	var list []oriel.ModelColumn
	for _, name := range w.Keys {
		c := w.Values[name]
		column := oriel.ModelColumn{
			Name: name, Label: c.Label, Description: c.Description,
			Format: columnFormat(d, join(path, name, "format"), c.Format), Time: c.Time,
		}
		if model, key, found := strings.Cut(c.ForeignKey, "."); found {
			column.ForeignKey = &oriel.ForeignKey{Model: model, Column: key}
		}
		list = append(list, column)
	}
	return list
}

func tableRef(text string) oriel.TableRef {
	source, table, _ := strings.Cut(text, ".")
	return oriel.TableRef{Source: source, Table: table}
}

func (b *builder) columns(d *document, path string, w ordered[wireColumn]) []oriel.ModelColumn {
	var list []oriel.ModelColumn
	for _, name := range w.Keys {
		c := w.Values[name]
		list = append(list, oriel.ModelColumn{
			Name: name, Label: c.Label, Description: c.Description,
			Format: columnFormat(d, join(path, name, "format"), c.Format),
		})
	}
	return list
}

func columnFormat(d *document, path string, w wireFormat) oriel.ColumnFormat {
	if (w.Style == "currency") != (w.Currency != "") {
		d.at(path, `%s: style currency and "currency" go together: have both or none`, dotted(path))
	}
	if (w.Style == "unit") != (w.Unit != "") {
		d.at(path, `%s: style unit and "unit" go together: have both or none`, dotted(path))
	}
	return oriel.ColumnFormat{Style: w.Style, Currency: w.Currency, Unit: w.Unit, Digits: w.Digits}
}

func (b *builder) buildGroups(d *document, file wireFile) {
	for _, key := range file.Groups.Keys {
		if !b.claim(d, "groups", key) {
			continue
		}
		w := file.Groups.Values[key]
		if oriel.GroupKey(key) == oriel.GroupAdministrators {
			d.at(join("groups", key), "groups.administrators is built in and may do everything: remove it")
			continue
		}
		group := oriel.Group{Key: oriel.GroupKey(key), Name: w.Name, Download: oriel.DownloadGrant(w.Download)}
		if group.Name == "" {
			group.Name = key
		}
		for c, grant := range w.Collections {
			if group.Collections == nil {
				group.Collections = map[string]oriel.CollectionGrant{}
			}
			group.Collections[c] = oriel.CollectionGrant(grant)
		}
		for s, grant := range w.Sources {
			if group.Sources == nil {
				group.Sources = map[string]oriel.SourceGrant{}
			}
			group.Sources[s] = oriel.SourceGrant(grant)
		}
		for _, scope := range w.Scopes {
			group.Scopes = append(group.Scopes, oriel.Scope(scope))
		}
		slices.Sort(group.Scopes)
		if len(group.Scopes) > 0 && group.Key.BuiltIn() {
			d.at(join("groups", key, "scopes"), "groups.%s.scopes: everybody may administer nothing: make a group for it", key)
		}
		b.out.Groups = append(b.out.Groups, group)
	}
}
