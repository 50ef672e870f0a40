// Package access decides who may see what. It is pure: no clock, no store, no
// engine. [Authorize] answers whether a principal may do something to a
// collection or a data source; [Decide] answers which rows and columns of each
// table of a source a principal sees, as a typed predicate whose values are
// bound, never spliced.
//
// Invariant: what is not permitted by name is refused; an attribute that is
// missing, empty or of the wrong type makes a whole policy false.
package access
