// Package source is what Oriel asks of a customer's database engine. A query
// is narrowed to what one principal may see before it can be run: [Engine.Run]
// takes a [Narrowed] value and nothing else, and one file per engine
// (source/*/narrow.go) is the only place that makes one; internal/archtest
// checks it.
package source
