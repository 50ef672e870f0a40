// Package duckdb is the embedded engine over files. It reads CSV,
// Parquet and JSON files into a database file of its own ([Sync]) and runs questions on that file, which
// it opens read only, so that each principal sees the permitted rows only.
//
// How files come in, one file each:
//
//	format.go    the name's end tells what a file is
//	import.go    it is copied to a folder of ours, and the copy is hashed
//	importing.go a writable instance that reaches that folder alone makes a new file
//	swell.go     unless that becomes a lot larger than what it is made of
//	columns.go   of columns with plain names and types
//	thrift.go    what a Parquet file announces must be there (parquet.go)
//	records.go   JSON is read by code of ours, the engine sees values (json.go, kindof.go)
//
// The steps of a SQL question, one file each:
//
//	parse.go     DuckDB's own parser, on a separate empty instance, gives a tree
//	validate.go  the tree is walked against the lists in allow.go: what is not listed is refused
//	pattern.go   and so is a LIKE whose pattern somebody else could choose
//	growth.go    and so are replacements that make a long text of a short one,
//	longer.go    and texts that get longer from step to step
//	confirm.go   the engine's own account of the tables must be the tree's (skeleton.go:
//	             of what, where the text's is not whole)
//	narrow.go    its tables must be granted; the only place that makes a source.Narrowed
//	view.go      a connection gets one filtered temporary view per granted table
//	pool.go      such connections are kept by the decisions' fingerprint
//	shape.go     and become those of somebody else who sees by the same views, when
//	             there are as many as may be kept
//	run.go       the original text runs on such a connection, bounded in rows, bytes and time
//	statements.go what would run, told to who asks why somebody sees something
//	result.go    rows become columns of JSON values
//	probe.go     which the engine does not start without
//	words.go     what of the engine's words about a failure is told to the log
//
// A structured question is compiled by source.Compile with the policies in its
// innermost select and runs on a connection without views.
//
// Invariant: an analyst's text runs only if every table that it names is a
// temporary view on that connection, and only the views' definitions, never
// the text, name a base table or a policy's value.
package duckdb
