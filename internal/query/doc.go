// Package query runs questions and dashboards for one principal. Nothing runs
// but what is declared, and what a principal asks who may explore:
//
//	run.go        authorize → decide → narrow → run → describe, for one question
//	unsaved.go    the same for one that the principal wrote
//	model.go      what they may ask on, as they see it
//	version.go    what its result depends on: see [access.Sight]
//	cache.go      results that are kept, by what they depend on
//	flight.go     one query for all who ask for the same at the same time
//	dashboard.go  the same for each card, at most 4 of a source at once, as they finish
//	download.go   all rows of a question, as they come
//	values.go     what a filter offers, under the principal's own policies
//	parameter.go  values of a request → typed values, or invalid_request
//	template.go   an analyst's text with {{parameters}} → text with $1, $2, …
//	join.go       where a question's joins lead, and what their columns are called
//	seen.go       the questions, dashboards and columns that a principal sees
//	describe.go   labels and formats of result columns
//	explain.go explain_access.go explain_run.go
//	              why somebody sees what they see, for administrators
//	policytest.go trial.go policies.go
//	              what people must and must not see, tried
//	check.go      the same path for a declaration that is about to be saved
//
// Invariants: an engine is given only what [access.Decide] decided for the
// principal; a value is bound, never spliced; an engine's words go to the log,
// never to the principal.
package query
