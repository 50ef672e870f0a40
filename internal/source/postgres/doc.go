// Package postgres is the engine over a customer's PostgreSQL server.
//
// The steps of a SQL question, one file each:
//
//	scan.go        PostgreSQL's scanner tells whether a text is flat enough to be parsed
//	parse.go       PostgreSQL's own parser, in a sandbox (sandbox.go: one that crashed is
//	               replaced), gives a tree; tree.go decodes of it
//	               what syntax.go lists
//	validate.go    the tree is walked against the lists in allow.go (expression.go: the
//	               expressions): what is not listed is refused
//	growth.go      and so are texts that get much longer from step to step
//	narrow.go      its tables must be granted; the only place that makes a source.Narrowed
//	rewrite.go     each table becomes a fenced sub-select of the permitted rows; the printed
//	               text (print.go, print_expression.go) is parsed again and compared
//	connect.go     a pool of connections per data source
//	run.go         that text runs in a read-only transaction with everything pinned
//	               (settings.go), bounded in rows, bytes and time
//	statements.go  what would run, told to who asks why somebody sees something
//	bind.go        values go beside the text, each with its type
//	result.go      rows become columns of JSON values
//	words.go       what of the engine's words about a failure is told to the log
//
// A structured question is compiled by source.Compile with the policies in its
// innermost select. sync.go reads which tables there are, without reading them.
//
// Invariant: an analyst's text never runs. What runs was printed of a tree in
// which every base table stands inside its permitted rows, and holds no value.
package postgres
