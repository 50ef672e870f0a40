// Command benchmarks measures what Oriel adds to the work itself, side by side
// in one run: each line is one thing through the server on loopback, and the
// same work done directly on the libraries, in this process.
//
//	exchange      a signed token → a session: verify, one-use, user, record,
//	              durable    | go-jose and SQLite on the same schema
//	session check who am I, per request             | an empty net/http answer
//	card          a question through the API        | the narrowed SQL on the driver
//
// Rounds of both sides alternate, so that whatever else the machine does
// disturbs both; the median of the rounds is printed, and the ratio. Nothing
// is asserted: run it with make bench, and write figures down with the machine.
//
//	main.go      the rounds and the table
//	server.go    bin/oriel with the sample, as a child process
//	exchange.go  check.go  card.go   one comparison each
package main
