// Package archtest holds the house's plan as tests: who may import whom and
// why, that a query runs only after it was narrowed, and that every package
// says what it is for. It has no code of its own.
package archtest
