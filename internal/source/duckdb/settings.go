package duckdb

import (
	"net/url"
	"strconv"
)

// maxExpressionDepth keeps the planner from working for long on short texts:
// 1.8 KB of 1+1+… take it half a minute without.
const maxExpressionDepth = 100

// tellingOptimizers are those that choose a plan by what the engine knows of whole
// columns and tables, hidden rows included. The order of rows that a question
// does not sort would tell of it, and a LIMIT makes of that another answer.
// Without them joins run as they are written. The last is not one of them: it
// fails inside without the others, on the first row of each group.
const tellingOptimizers = "statistics_propagation,join_order,build_side_probe_side,top_n_window_elimination"

// emptySettings lock down an instance that holds no data.
func emptySettings() url.Values {
	v := url.Values{}
	v.Set("enable_external_access", "false")
	v.Set("autoload_known_extensions", "false")
	v.Set("autoinstall_known_extensions", "false")
	v.Set("allow_community_extensions", "false")
	v.Set("allow_persistent_secrets", "false")
	v.Set("max_expression_depth", strconv.Itoa(maxExpressionDepth))
	v.Set("memory_limit", "256MB")
	v.Set("threads", "1")
	v.Set("lock_configuration", "true")
	return v
}

// queryDSN opens a database file so that queries can only read it. openInstance
// then takes away the folder for spilled data, access to files and, last, to
// the settings, in this order: each needs what the next takes away.
func queryDSN(path string, memoryBytes int64, threads int) string {
	v := emptySettings()
	v.Del("enable_external_access")
	v.Del("lock_configuration")
	v.Set("access_mode", "READ_ONLY")
	v.Set("memory_limit", strconv.FormatInt(memoryBytes, 10)+"B")
	v.Set("threads", strconv.Itoa(threads))
	v.Set("disabled_optimizers", tellingOptimizers)
	return path + "?" + v.Encode()
}
