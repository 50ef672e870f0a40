package declaration

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Options is what a file can't say about the instance that it is for.
type Options struct {
	// Env looks an environment variable up, as os.LookupEnv does.
	Env func(string) (string, bool)
	// Origins decides which origins may be declared.
	Origins oriel.OriginOptions
}

// Load reads the files as one declaration: what one names may stand in
// another, but nothing may stand in two. Every error is an [*Error].
func Load(files []string, options Options) (oriel.Declaration, error) {
	schema, err := newShape()
	if err != nil {
		return oriel.Declaration{}, err
	}
	b := &builder{options: options, origin: map[string]place{}}
	var found problems
	for _, name := range files {
		if err := b.add(schema, name); err != nil {
			var failure *Error
			if !errors.As(err, &failure) {
				return oriel.Declaration{}, err
			}
			found = append(found, failure.Problems...)
		}
	}
	// What one file says of another's things can be told only when all could
	// be read.
	if len(found) > 0 {
		return oriel.Declaration{}, found.err()
	}
	b.crossCheck()
	if err := b.problems.err(); err != nil {
		return oriel.Declaration{}, err
	}
	b.sort()
	return b.out, nil
}

// place is where something was declared.
type place struct {
	doc  *document
	path string
}

// builder gathers the declaration from the files.
type builder struct {
	options Options
	out     oriel.Declaration
	// origin is where each thing stands, by "questions/departures": to tell
	// what stands twice, and where a reference is wrong.
	origin   map[string]place
	problems problems
}

// add reads one file into the declaration.
func (b *builder) add(schema *shape, name string) error {
	d, value, err := readDocument(name, b.options.Env)
	if err != nil {
		return err
	}
	schema.check(d, value)
	if err := d.problems.err(); err != nil {
		return err
	}
	var file wireFile
	if err := d.root.Decode(&file); err != nil {
		return d.syntax(err)
	}
	b.buildOrigins(d, file)
	b.buildProviders(d, file)
	b.buildSources(d, file)
	b.buildModels(d, file)
	b.buildPolicies(d, file)
	b.buildGroups(d, file)
	b.buildTenants(d, file)
	b.buildContent(d, file)
	return d.problems.err()
}

// claim notes where a thing stands (with no key, a kind as a whole); false when
// another file has it already.
func (b *builder) claim(d *document, kind, key string) bool {
	at := kind
	if key != "" {
		at = join(kind, key)
	}
	if first, found := b.origin[at]; found {
		d.at(at, "%s is declared already on line %d of %s: remove one of the two", dotted(at), first.doc.line(first.path), first.doc.name)
		return false
	}
	b.origin[at] = place{doc: d, path: at}
	return true
}

// fail notes a problem with a declared thing.
func (b *builder) fail(at place, format string, args ...any) {
	b.problems = append(b.problems, Problem{File: at.doc.name, Line: at.doc.line(at.path), Message: at.doc.redact(fmt.Sprintf(format, args...))})
}

// under is a place inside a declared thing.
func (p place) under(names ...any) place {
	p.path = join(p.path, names...)
	return p
}

// sort puts everything into an order that doesn't depend on that of the files.
func (b *builder) sort() {
	slices.SortFunc(b.out.Providers, func(x, y oriel.Provider) int { return cmp.Compare(x.Slug, y.Slug) })
	slices.SortFunc(b.out.Sources, func(x, y oriel.Source) int { return cmp.Compare(x.Key, y.Key) })
	slices.SortFunc(b.out.Models, func(x, y oriel.Model) int { return cmp.Compare(x.Key, y.Key) })
	slices.SortStableFunc(b.out.Policies, func(x, y oriel.Policy) int { return cmp.Compare(x.On(), y.On()) })
	slices.SortFunc(b.out.Groups, func(x, y oriel.Group) int { return cmp.Compare(x.Key, y.Key) })
	slices.SortFunc(b.out.Tenants, func(x, y oriel.Tenant) int { return cmp.Compare(x.Slug, y.Slug) })
	slices.SortFunc(b.out.Collections, func(x, y oriel.Collection) int { return cmp.Compare(x.Key, y.Key) })
	slices.SortFunc(b.out.Questions, func(x, y oriel.Question) int { return cmp.Compare(x.Key, y.Key) })
	slices.SortFunc(b.out.Dashboards, func(x, y oriel.Dashboard) int { return cmp.Compare(x.Key, y.Key) })
}
