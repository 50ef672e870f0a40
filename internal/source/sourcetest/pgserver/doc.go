// Package pgserver runs a PostgreSQL server for the tests of one binary: a
// cluster of its own in a temporary folder, reached by a socket in that folder
// alone, and gone when the tests end.
//
//	server.go    finds the programs, makes the cluster, starts and stops it
//	database.go  databases and schemas for single tests
//
// A server that is not there fails the tests; scripts/setup installs one.
package pgserver
