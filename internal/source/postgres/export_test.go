package postgres

// ParseURL is for the tests of what a URL takes.
var ParseURL = parseURL
