// Package sourcetest is one suite of promises for every engine. An engine's
// tests call [Run] with a way to load tables; the suite compares what it
// serves with a model that knows neither SQL nor the access package.
package sourcetest
