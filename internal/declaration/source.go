package declaration

import (
	"errors"
	"maps"

	"go.yaml.in/yaml/v3"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// ReadSource reads one source's settings, under the names that they have in a
// file ("schema"), as [Load] would: what one way refuses the other does too. Its
// url needs no reference, and without one it is that of current; its files are
// those of the server's folder for sources. An error is one sentence for each
// thing that is wrong and shows no secret.
func ReadSource(key string, settings map[string]any, current oriel.Source) (oriel.Source, error) {
	schema, err := newShape()
	if err != nil {
		return oriel.Source{}, err
	}
	path := join("sources", key)
	d := &document{lines: map[string]int{}, keys: map[string]int{path: 1}, referred: map[string]bool{}}
	settings = maps.Clone(settings)
	if _, found := settings["url"]; !found && current.URL != "" && settings["kind"] == string(current.Kind) {
		settings["url"] = current.URL
	}
	if url, found := settings["url"].(string); found {
		d.referred[join(path, "url")] = true
		d.values = append(d.values, url)
	}
	value := plain(settings)
	schema.check(d, map[string]any{"version": 1.0, "sources": map[string]any{key: value}})
	if err := d.spoken(path, "the source"); err != nil {
		return oriel.Source{}, err
	}
	var w wireSource
	text, err := yaml.Marshal(value)
	if err == nil {
		err = yaml.Unmarshal(text, &w)
	}
	if err != nil {
		// The cause could quote a secret.
		return oriel.Source{}, errors.New("the source's settings cannot be read: write plain texts")
	}
	b := &builder{}
	src := b.source(d, key, path, w)
	src.InFolder = src.Kind == oriel.SourceDuckDB
	return src, d.spoken(path, "the source")
}

// SourceSettings are a source's, under the names that they have in a file and
// without its url: what [ReadSource] reads back as the same source.
func SourceSettings(src oriel.Source) map[string]any {
	all := map[string]any{"kind": string(src.Kind)}
	if file, is := src.DatabaseFile(); is {
		all["database"] = file
	} else if len(src.Files) > 0 {
		all["files"] = list(src.Files)
	}
	for name, value := range map[string]string{"schema": src.Schema, "role": src.Role} {
		if value != "" {
			all[name] = value
		}
	}
	limits := map[string]any{}
	for name, value := range map[string]int{
		"connections": src.Limits.Connections, "query_seconds": src.Limits.QuerySeconds, "rows": src.Limits.Rows,
		"download_rows": src.Limits.DownloadRows, "memory_mib": src.Limits.MemoryMiB, "result_mib": src.Limits.ResultMiB,
	} {
		if value != 0 {
			limits[name] = value
		}
	}
	if len(limits) > 0 {
		all["limits"] = limits
	}
	if src.NativeSecurity {
		all["native_security"] = true
	}
	if len(src.Only) > 0 {
		all["tables"] = list(src.Only)
	}
	return all
}
