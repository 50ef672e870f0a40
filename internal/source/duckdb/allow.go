package duckdb

import "strings"

// What a question's tree may hold. What is on no list is refused, so that a
// new function of the engine is unreachable until somebody has thought about
// it. Left out on purpose: whatever reads files, settings, catalogs, variables
// or other texts as SQL; whatever sleeps; whatever makes a large value of a
// small one (repeat, range); whatever takes the product of two
// lengths (levenshtein, jaro_similarity); lambdas; whatever depends on chance
// or on the process; whatever raises an error of the analyst's choosing.

// The bounds of a tree.
const (
	maxJoins     = 50
	maxReads     = 100 // tables, joins and set operations, WITH queries put in place
	maxDepth     = 100
	maxGroupSets = 64
)

func set(names string) map[string]bool {
	result := map[string]bool{}
	for _, name := range strings.Fields(names) {
		result[name] = true
	}
	return result
}

// joinTypes and joinRefs are the joins. A positional join pairs rows by a
// place that no policy is about.
var (
	joinTypes = set("INNER LEFT RIGHT FULL SEMI ANTI")
	joinRefs  = set("REGULAR CROSS NATURAL ASOF")
)

// types are those of casts and constants.
var types = set(`NULL BOOLEAN TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT
	FLOAT DOUBLE DECIMAL VARCHAR DATE TIME TIMESTAMP TIMESTAMP_S TIMESTAMP_MS INTERVAL`)

// expressionTypes are the expressions, by class.
var expressionTypes = map[string][]string{
	"COLUMN_REF":  {"COLUMN_REF"},
	"CONSTANT":    {"VALUE_CONSTANT"},
	"PARAMETER":   {"VALUE_PARAMETER"},
	"STAR":        {"STAR"},
	"FUNCTION":    {"FUNCTION"},
	"CAST":        {"OPERATOR_CAST"},
	"CASE":        {"CASE_EXPR"},
	"SUBQUERY":    {"SUBQUERY"},
	"BETWEEN":     {"COMPARE_BETWEEN"},
	"CONJUNCTION": {"CONJUNCTION_AND", "CONJUNCTION_OR"},
	"COMPARISON": {"COMPARE_EQUAL", "COMPARE_NOTEQUAL", "COMPARE_LESSTHAN", "COMPARE_GREATERTHAN",
		"COMPARE_LESSTHANOREQUALTO", "COMPARE_GREATERTHANOREQUALTO", "COMPARE_DISTINCT_FROM", "COMPARE_NOT_DISTINCT_FROM"},
	"OPERATOR": {"OPERATOR_NOT", "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "OPERATOR_COALESCE",
		"COMPARE_IN", "COMPARE_NOT_IN", "GROUPING_FUNCTION", "ARRAY_EXTRACT"},
	"WINDOW": {"WINDOW_AGGREGATE", "WINDOW_ROW_NUMBER", "WINDOW_RANK", "WINDOW_RANK_DENSE", "WINDOW_NTILE",
		"WINDOW_PERCENT_RANK", "WINDOW_CUME_DIST", "WINDOW_FIRST_VALUE", "WINDOW_LAST_VALUE", "WINDOW_NTH_VALUE",
		"WINDOW_LEAD", "WINDOW_LAG"},
}

// functions are the scalar functions, by bare name.
var functions = set(`
	+ - * / // % ** ^ || ~~ !~~ ~~* !~~* ^@ & |
	abs ceil ceiling floor round trunc sign sqrt cbrt exp ln log log10 log2 pow power mod pi
	sin cos tan asin acos atan atan2 cot degrees radians greatest least gcd lcm even isnan isinf isfinite
	divide multiply add subtract fmod fdiv
	lower upper lcase ucase length len char_length character_length strlen trim ltrim rtrim left right
	substring substr replace reverse concat concat_ws contains starts_with ends_with prefix suffix
	instr position strpos split_part translate ascii unicode ord chr strip_accents
	lpad rpad format printf
	like_escape ilike_escape not_like_escape not_ilike_escape
	regexp_matches regexp_full_match regexp_extract regexp_replace
	jaccard
	nullif
	date_trunc datetrunc date_part datepart date_diff datediff date_sub datesub date_add
	year month day hour minute second millisecond microsecond quarter week weekday weekofyear yearweek isoyear isodow
	dayofmonth dayofweek dayofyear dayname monthname last_day century decade millennium era epoch epoch_ms
	make_date make_timestamp strftime strptime try_strptime time_bucket age today
	to_years to_months to_days to_hours to_minutes to_seconds to_milliseconds to_weeks to_quarters
	list_value list_contains list_has array_contains list_extract element_at list_sort list_distinct
`)

// aggregates may also be window functions.
var aggregates = set(`
	count count_star count_if countif sum avg mean min max median mode any_value first last arbitrary
	first_value last_value
	stddev stddev_pop stddev_samp variance var_pop var_samp corr covar_pop covar_samp skewness kurtosis
	regr_slope regr_intercept regr_r2 regr_count regr_avgx regr_avgy regr_sxx regr_syy regr_sxy
	quantile quantile_cont quantile_disc approx_quantile approx_count_distinct mad entropy
	bool_and bool_or bit_and bit_or bit_xor product fsum favg kahan_sum geomean geometric_mean
	arg_min arg_max argmin argmax min_by max_by string_agg group_concat listagg
`)

// windowFunctions are those that need OVER.
var windowFunctions = set(`row_number rank dense_rank rank_dense percent_rank cume_dist ntile lag lead
	first_value last_value nth_value first last`)

// syntaxFunctions stand for syntax (EXTRACT, SUBSTRING … FROM, [1, 2], LIKE …
// ESCAPE); the parser writes them with the schema main.
var syntaxFunctions = set(`date_part position substring trim list_value ltrim rtrim
	like_escape ilike_escape not_like_escape not_ilike_escape`)

// functionNames are the bare words that are function calls unless a column
// bears the name. current_date is one too and is allowed.
var functionNames = set(`current_catalog current_database current_schema current_role current_user session_user user
	current_time current_timestamp localtime localtimestamp get_current_time get_current_timestamp now
	current_localtime current_localtimestamp current_setting`)
