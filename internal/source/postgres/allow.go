package postgres

import "strings"

// What a question's tree may hold beside the syntax of syntax.go. What is on no
// list is refused, so that a new function of the engine is unreachable until
// somebody has thought about it. Left out on purpose: whatever reads files,
// settings, catalogs, sequences, large objects, other servers or other texts as
// SQL; whatever sleeps, locks or notifies; whatever makes a large value of a
// small one (repeat, generate_series); XML and arrays, which a result can't hold,
// and what makes JSON; whatever depends on chance, on who is logged in or on
// the process.

// The bounds of a tree.
const (
	maxJoins     = 50
	maxReads     = 100 // tables, joins and set operations, WITH queries put in place
	maxDepth     = 80
	maxGroupSets = 64
	maxDigits    = 100 // of one number: arithmetic on long ones can't be interrupted
)

func set(names string) map[string]bool {
	result := map[string]bool{}
	for _, name := range strings.Fields(names) {
		result[name] = true
	}
	return result
}

// types are those of casts and constants, by their names in pg_catalog.
var types = set(`bool int2 int4 int8 float4 float8 numeric text varchar bpchar date time timestamp timestamptz interval json jsonb`)

// operators are those of comparisons and arithmetic; ^ is done on numbers with
// a floating point, since that of long decimals can't be interrupted.
var operators = set(`+ - * / % ^ = <> < > <= >= || ~ ~* !~ !~* ^@ -> ->> #> #>>`)

// likeOperators are what the parser writes for LIKE, ILIKE, SIMILAR TO and IN.
var likeOperators = set(`~~ !~~ ~~* !~~* ~ !~ = <>`)

// functions are the scalar functions, by bare name.
var functions = set(`
	abs ceil ceiling floor round trunc sign sqrt cbrt exp ln log log10 pow power mod pi div gcd lcm width_bucket
	sin cos tan cot asin acos atan atan2 degrees radians
	lower upper initcap length char_length character_length octet_length btrim trim ltrim rtrim left right
	substr substring replace reverse concat concat_ws starts_with position strpos split_part translate ascii chr overlay
	lpad rpad format
	regexp_replace regexp_like regexp_substr regexp_count regexp_instr
	to_char to_date to_number to_timestamp
	date_trunc date_part date_bin extract age make_date make_time make_timestamp make_interval
	now
	justify_days justify_hours justify_interval isfinite timezone date
	num_nulls num_nonnulls
`)

// aggregates may also be window functions.
var aggregates = set(`
	count sum avg min max any_value string_agg bool_and bool_or every bit_and bit_or bit_xor
	stddev stddev_pop stddev_samp variance var_pop var_samp corr covar_pop covar_samp
	regr_slope regr_intercept regr_r2 regr_count regr_avgx regr_avgy regr_sxx regr_syy regr_sxy
	percentile_cont percentile_disc mode
`)

// windowFunctions are those that need OVER.
var windowFunctions = set(`row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value`)

// syntaxFunctions stand for syntax (EXTRACT, SUBSTRING … FROM, AT TIME ZONE);
// the parser writes them with the schema pg_catalog.
var syntaxFunctions = set(`extract position substring overlay btrim ltrim rtrim timezone`)

// escapeFunctions are what the parser makes of a pattern's ESCAPE.
var escapeFunctions = set(`like_escape similar_to_escape`)

// floatFunctions are done on numbers with a floating point, as ^ is.
var floatFunctions = set(`exp ln log log10 pow power sqrt cbrt`)

// rowFunctions take a row as their one argument, so that TABLE.NAME calls them
// when the table has no such column.
var rowFunctions = set(`
	pg_collation_for row_to_json to_json to_jsonb pg_typeof pg_column_size pg_column_compression pg_column_toast_chunk_id record_out record_send hash_record
	json_build_array json_build_object jsonb_build_array jsonb_build_object quote_literal quote_nullable format
	array_agg array_agg_transfn json_agg jsonb_agg json_agg_strict jsonb_agg_strict json_agg_transfn jsonb_agg_transfn any_out
	anyelement_out anynonarray_out anycompatible_out anycompatiblenonarray_out hash_record_extended xmlforest num_nulls num_nonnulls
	concat concat_ws count any_value min max rank dense_rank percent_rank cume_dist pg_get_expr cardinality mode lag lead
	first_value last_value array_append array_prepend nextval currval
`)
