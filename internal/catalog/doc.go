// Package catalog lists and finds what is declared, as one principal may see
// it. A thing that a principal may not view is not_found, in the same words as
// one that doesn't exist.
package catalog
