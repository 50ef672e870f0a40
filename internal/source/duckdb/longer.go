package duckdb

// maxLonger bounds how many times longer than what a text reads its longest
// value may get, replacements counted: a letter that each of six steps puts
// together sixteen times takes two gigabytes, which the engine's own limit of
// memory sees too late.
const maxLonger = 1000

// How many times longer than what it is made of a value may get: a row as a
// text has all of its columns, a list its values with what parts them, and of
// a letter of a format come a few of a date.
const (
	rowLonger    = 100
	listLonger   = 2
	formatLonger = 10
)

// joining are the functions that make one value of several, and measuring those
// whose answer is as short as a number.
var (
	joining   = set(`|| concat concat_ws list_value format printf`)
	measuring = set(`count count_star count_if countif length len char_length character_length strlen instr position strpos ascii unicode ord
		contains starts_with ends_with prefix suffix regexp_matches regexp_full_match ~~ !~~ ~~* !~~* approx_count_distinct`)
)

// longer finds how many times longer than what it reads the longest value of a
// tree may get, by what is put together from step to step.
type longer struct {
	rows map[string]bool // names that may mean a whole row
	most int
}

// length is what WITH defines around a node, innermost first.
type length struct {
	name  string
	times int
	outer *length
}

func longest(tree any) int {
	l := longer{rows: map[string]bool{}}
	l.name(tree)
	l.of(tree, nil)
	return l.most
}

// name notes what tables are called.
func (l *longer) name(v any) {
	switch v := v.(type) {
	case []any:
		for _, part := range v {
			l.name(part)
		}
	case map[string]any:
		if v["class"] == nil {
			for _, key := range []string{"alias", "table_name"} {
				if name, isText := v[key].(string); isText && name != "" {
					l.rows[foldName(name)] = true
				}
			}
		}
		for _, part := range v {
			l.name(part)
		}
	}
}

// of gives by how many times; it is at least 1.
func (l *longer) of(v any, in *length) int {
	times := 1
	switch v := v.(type) {
	case []any:
		for _, part := range v {
			times = max(times, l.of(part, in))
		}
	case map[string]any:
		times = l.made(v, in)
	}
	l.most = max(l.most, times)
	return min(times, maxLonger+1) // enough to be refused, and no overflow of what multiplies
}

func (l *longer) made(v map[string]any, in *length) int {
	if defined, isMap := v["cte_map"].(map[string]any); isMap {
		entries, _ := defined["map"].([]any)
		for _, entry := range entries {
			pair, _ := entry.(map[string]any)
			name, _ := pair["key"].(string)
			in = &length{name: foldName(name), times: l.of(pair["value"], in), outer: in}
		}
	}
	switch v["type"] {
	case "SELECT_NODE":
		return l.query(v, in)
	case "BASE_TABLE":
		name, _ := v["table_name"].(string)
		for ; in != nil; in = in.outer {
			if in.name == foldName(name) {
				return in.times
			}
		}
		return 1
	case "JOIN":
		l.of(v["condition"], in)
		left, right := l.of(v["left"], in), l.of(v["right"], in)
		if table, _ := v["right"].(map[string]any); table["type"] == "BASE_TABLE" {
			return max(left, right)
		}
		return left * right // it can be made of what stands before it
	}
	switch v["class"] {
	case "COLUMN_REF":
		names, _ := v["column_names"].([]any)
		if len(names) == 1 {
			if name, _ := names[0].(string); l.rows[foldName(name)] {
				return rowLonger
			}
		}
		return 1
	case "FUNCTION":
		return l.function(v, in)
	}
	return l.rest(v, in)
}

// rest is the longest of all members but some.
func (l *longer) rest(v map[string]any, in *length, but ...string) int {
	most, skipped := 1, set("cte_map")
	for _, name := range but {
		skipped[name] = true
	}
	for name, part := range v {
		if !skipped[name] {
			most = max(most, l.of(part, in))
		}
	}
	return most
}

func (l *longer) function(v map[string]any, in *length) int {
	name, _ := v["function_name"].(string)
	name = foldName(name)
	operands, _ := v["children"].([]any)
	highest, sum, first := 1, 0, 1
	for i, operand := range operands {
		times := l.of(operand, in)
		highest, sum = max(highest, times), sum+times
		if i == 0 {
			first = times
		}
	}
	l.rest(v, in, "children")
	switch {
	case measuring[name]:
		return 1
	case name == "concat_ws":
		return sum + len(operands)*first
	case name == "lpad" || name == "rpad":
		return max(highest, maxPadded)
	case name == "list_value":
		return max(listLonger*sum, 1)
	case joining[name]:
		return max(sum, 1)
	case name == "strftime" && len(operands) > 1:
		if _, isText := constantText(operands[1]); !isText {
			return formatLonger * highest
		}
	}
	return highest
}

// query multiplies what a query makes with what was made of what it reads.
func (l *longer) query(v map[string]any, in *length) int {
	read, most := l.of(v["from_table"], in), l.most
	l.most = 1
	made := l.of(v["select_list"], in)
	l.rest(v, in, "from_table", "select_list")
	l.most = max(most, read*l.most)
	return read * made
}
