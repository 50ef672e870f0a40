// Command benchmarks measures what Oriel costs, beside others that do the same
// work, side by side in one run.
//
//	exchange       a signed token → a session, 1 and 64 at once, beside Express,
//	               Fastify, and the libraries without HTTP
//	commits        how many sign-ins share a commit at 64 at once, and whether
//	               each is committed when it is answered
//	session check  who am I, among a million live sessions, beside an empty
//	               answer of net/http
//	card           a question through the API, on DuckDB and on PostgreSQL, beside
//	               the constrained SQL on the driver: 10, 10,000 and 1,000,000 rows,
//	               1 and 50 at once; what a slow reader makes the server hold; a
//	               dashboard of eight cards that were kept
//	constrain      a text of fifty lines under twenty policies, known and new
//	saml           a SAML response, beside goxmldsig alone, node-saml and libxmlsec;
//	               the CPU that attacks take
//	many           a question among 10,000 policies and 1,000 groups, beside ten
//
// Each side is a process of its own; what counts first is its CPU time, user
// and system, from /proc/PID/stat. The sides take turns in every round, in an
// order that turns too, so that whatever else the machine does disturbs all of
// them. A ratio is that of the two sides in one round; the median of the
// rounds is printed, with the least and the greatest. Nothing is asserted: run
// it with make bench, and write figures down with the machine.
//
//	main.go     what is measured, and the processes that this program is itself
//	round.go    rounds, ratios, medians       report.go   what is printed
//	side.go     what a side is                load.go     requests, so many at once
//	child.go    a process and its CPU time
//	server.go   bin/oriel with the sample     host.go     tokens, signed beforehand
//	peer.go     Express and Fastify, which are in peers/
//	direct.go   the same work on the libraries
//	driver.go   a process that asks the plain driver   narrowed.go   which SQL it asks
//	facts.go    the rows, and who may see which of them
//	database.go a PostgreSQL server of the benchmark's own
//	exchange.go  commits.go  check.go  seed.go  card.go  kept.go
//	constrain.go  many.go  saml.go   what is compared   cputime.go   of this process
package main
