// Package declaration reads the files that `oriel apply` is given and makes an
// [oriel.Declaration] of them that is valid by itself.
//
// Steps of [Load], each in its own file:
//
//	document.go   YAML → a tree with lines; duplicate keys, aliases, tags refused
//	reference.go  ${env:NAME} and ${file:PATH} are put in
//	schema.go     the JSON Schema (schema.json) decides about the shape
//	wire.go       the shape as Go types; a test holds it and the schema together
//	build_*.go    wire types → vocabulary, one file a subject
//	crossref.go   what one thing says of another
//	ask.go        the same for one question that nobody saved, sent as JSON
//
// Invariant: every error names file and line, says in one sentence what to do,
// and shows no value that came from the environment or from a file.
package declaration
