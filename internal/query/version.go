package query

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// versions are those of the things of one declaration, by kind and key, worked
// out when they are first asked for. Nothing counts versions, so each is the
// hash of all that the thing says: what is the same has the same.
type versions struct{ known sync.Map }

// of gives the version of a thing of the declaration.
func (v *versions) of(kind, key string, thing any) (string, error) {
	name := kind + ":" + key
	if version, found := v.known.Load(name); found {
		return version.(string), nil
	}
	version, err := versionOf(name, thing)
	if err != nil {
		return "", err
	}
	v.known.Store(name, version)
	return version, nil
}

func versionOf(name string, thing any) (string, error) {
	text, err := json.Marshal(thing)
	if err != nil {
		return "", fmt.Errorf("take the version of %s: %w", name, err)
	}
	sum := sha256.Sum256(text)
	return string(sum[:]), nil
}

// asked is the version of what is asked. A question that nobody saved has no name
// by which it could be known again: it is taken whole each time.
func (v *versions) asked(a ask) (string, error) {
	if a.kind == kindUnsaved {
		return versionOf(a.kind, a.thing)
	}
	return v.of(a.kind, a.key, a.thing)
}

// kindUnsaved is what is asked by a question without a key.
const kindUnsaved = "unsaved"

// ask is one question to a source, with all that its answer depends on beside
// what the principal sees of the source.
type ask struct {
	source string
	query  source.Query
	origin origin
	// kind and key name what is asked.
	kind, key string
	thing     any
	values    map[string]source.ParameterValue
	limit     int
	keep      keep
}

// sight is all that the result of an ask depends on. An engine is told of nobody:
// it gets decisions alone, so that no source's own row security can read more.
func (v *versions) sight(s snapshot, a ask, from prepared) (access.Sight, error) {
	src := from.src
	asked, err := v.asked(a)
	if err != nil {
		return access.Sight{}, err
	}
	// Where the source is stands in no document, and other settings of it do.
	settings, err := v.of("source", src.Key, struct {
		Source  oriel.Source
		Address string
	}{src, src.URL})
	if err != nil {
		return access.Sight{}, err
	}
	schema, err := v.of("schema", src.Key, src.Tables)
	if err != nil {
		return access.Sight{}, err
	}
	sight := access.Sight{
		Decisions: from.decisions, SettingsRevision: settings, SchemaRevision: schema, RowLimit: a.limit, TimeZone: zoneIn(from.query),
		Versions: map[string]string{a.kind + ":" + a.key: asked}, Parameters: make(map[string]access.ParameterValue, len(a.values)),
	}
	for _, read := range reads(a.query) {
		model, _ := s.Model(read.Model)
		if sight.Versions["model:"+read.Model], err = v.of("model", read.Model, model); err != nil {
			return access.Sight{}, err
		}
	}
	for name, value := range a.values {
		sight.Parameters[name] = access.ParameterValue(value)
	}
	return sight, nil
}
