// Package sourcetest is one suite of promises for every engine. An engine's
// tests call [Run], [Search] and [Compare] with a way to load tables; the suite
// compares what the engine serves with a model that knows neither SQL nor the
// access package:
//
//	schema.go     random tables, with names and values that are easily mistaken
//	person.go     random principals, who lack values or have them mistyped
//	condition.go  random conditions, and which rows they let through
//	policy.go     random policies on tables and on a model, and what they leave
//	query.go      random questions in SQL
//	tree.go       random structured questions
//	suite.go      ask the engine, and ask it again where nothing else was ever there
//	compare.go    conditions of which the rows are written down
//	shape.go      many ways to see one table, asked in turn and at once
//	running.go    queries that run: their ends, and rows that stream
//	analyst.go    a text of fifty lines under twenty policies, to measure
package sourcetest
