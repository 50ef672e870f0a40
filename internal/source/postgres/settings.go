package postgres

import (
	"strconv"
	"strings"
	"time"
)

// begin starts the transaction of one query. SET LOCAL ends with it, so that
// whatever the server, the database or the login have for settings of their
// own, a query sees these. The role comes first: the rest is set as it.
func begin(role string, timeout time.Duration) string {
	milliseconds := strconv.FormatInt(max(timeout.Milliseconds(), 1), 10)
	settings := [][2]string{
		{"search_path", "''"}, // pg_catalog alone: a name without a schema is nobody else's
		{"statement_timeout", milliseconds},
		{"lock_timeout", milliseconds},
		{"idle_in_transaction_session_timeout", milliseconds},
		{"standard_conforming_strings", "on"}, // texts are written for it
		{"transform_null_equals", "off"},
		{"row_security", "on"},
		{"TimeZone", "'UTC'"},
		{"DateStyle", "'ISO, YMD'"},
		{"IntervalStyle", "'postgres'"},
		{"extra_float_digits", "1"},
		{"lc_numeric", "'C'"},
		{"lc_monetary", "'C'"},
		{"lc_time", "'C'"},
		// The order of rows that nothing sorts is told by as little as can be.
		{"synchronize_seqscans", "off"},
		{"max_parallel_workers_per_gather", "0"},
		{"jit", "off"},
	}
	var text strings.Builder
	text.WriteString("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ")
	if role != "" {
		text.WriteString("SET LOCAL ROLE " + quoteName(role) + "; ")
	}
	for _, s := range settings {
		text.WriteString("SET LOCAL " + s[0] + " = " + s[1] + "; ")
	}
	return text.String()
}
