// Package samltest has identity providers of other makes answer in tests: npm
// samlp and pysaml2. Neither is built on the library that we use.
package samltest
