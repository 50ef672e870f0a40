package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
)

// skeleton gives the text of a query that reads what the given one reads, table
// for table in the same scopes, and does nothing with it. Nothing of the tree
// is left out before it is looked through, and no list says where a query may
// stand: whatever looks like one is one.
func skeleton(ctx context.Context, conn *sql.Conn, text string) (string, error) {
	var document string
	if err := conn.QueryRowContext(ctx, `select json_serialize_sql($1::varchar)::varchar`, text).Scan(&document); err != nil {
		return "", err
	}
	decoder := json.NewDecoder(strings.NewReader(document))
	decoder.UseNumber()
	var tree struct {
		Error      bool             `json:"error"`
		Statements []map[string]any `json:"statements"`
	}
	if err := decoder.Decode(&tree); err != nil {
		return "", err
	}
	if tree.Error || len(tree.Statements) != 1 {
		return "", fmt.Errorf("the tree is of %d statements", len(tree.Statements))
	}
	root, isMap := tree.Statements[0]["node"].(map[string]any)
	if !isMap {
		return "", fmt.Errorf("the statement has no query")
	}
	encoded, err := json.Marshal(map[string]any{"error": false, "statements": []any{
		map[string]any{"node": bones(root), "named_param_map": []any{}},
	}})
	if err != nil {
		return "", err
	}
	err = conn.QueryRowContext(ctx, `select json_deserialize_sql($1::varchar::json)`, string(encoded)).Scan(&text)
	return text, err
}

// nowhere is the place of what stands in no text.
const nowhere = json.Number("18446744073709551615")

// bones is a SELECT of the tables of one query, each query in it a condition.
func bones(query map[string]any) map[string]any {
	var tables, queries []map[string]any
	for name, part := range query {
		if name != "cte_map" {
			pick(part, &tables, &queries)
		}
	}
	list := []any{map[string]any{"class": "CONSTANT", "type": "VALUE_CONSTANT", "alias": "", "query_location": nowhere,
		"value": map[string]any{"type": map[string]any{"id": "NULL", "type_info": nil}, "is_null": true}}}
	for _, inner := range queries {
		list = append(list, map[string]any{"class": "SUBQUERY", "type": "SUBQUERY", "alias": "", "query_location": nowhere,
			"subquery_type": "EXISTS", "subquery": map[string]any{"node": bones(inner), "named_param_map": []any{}},
			"child": nil, "comparison_type": "INVALID"})
	}
	from := map[string]any{"type": "EMPTY", "alias": "", "sample": nil, "query_location": nowhere}
	for i, table := range tables {
		ref := map[string]any{"column_name_alias": []any{}, "alias": fmt.Sprintf("oriel_%d", i)}
		for _, name := range []string{"type", "sample", "query_location", "schema_name", "table_name", "catalog_name", "at_clause"} {
			ref[name] = table[name]
		}
		if i == 0 {
			from = ref
			continue
		}
		from = map[string]any{"type": "JOIN", "alias": "", "sample": nil, "query_location": nowhere, "left": from, "right": ref,
			"condition": nil, "join_type": "INNER", "ref_type": "CROSS", "using_columns": []any{}, "delim_flipped": false, "duplicate_eliminated_columns": []any{}}
	}
	return map[string]any{"type": "SELECT_NODE", "modifiers": []any{}, "cte_map": bonesOfWith(query["cte_map"]), "select_list": list, "from_table": from,
		"where_clause": nil, "group_expressions": []any{}, "group_sets": []any{}, "aggregate_handling": "STANDARD_HANDLING",
		"having": nil, "sample": nil, "qualify": nil}
}

func bonesOfWith(v any) map[string]any {
	with, _ := v.(map[string]any)
	entries, _ := with["map"].([]any)
	list := []any{}
	for _, entry := range entries {
		pair, _ := entry.(map[string]any)
		value, _ := pair["value"].(map[string]any)
		statement, _ := value["query"].(map[string]any)
		query, _ := statement["node"].(map[string]any)
		list = append(list, map[string]any{"key": pair["key"], "value": map[string]any{"aliases": []any{}, "key_targets": []any{},
			"materialized": "CTE_MATERIALIZE_DEFAULT", "query": map[string]any{"node": bones(query), "named_param_map": []any{}}}})
	}
	return map[string]any{"map": list}
}

// pick finds the tables of a query and the queries right in it.
func pick(v any, tables, queries *[]map[string]any) {
	switch v := v.(type) {
	case []any:
		for _, part := range v {
			pick(part, tables, queries)
		}
	case map[string]any:
		if _, isQuery := v["cte_map"]; isQuery {
			*queries = append(*queries, v)
			return
		}
		if v["type"] == "BASE_TABLE" {
			*tables = append(*tables, v)
		}
		for _, part := range v {
			pick(part, tables, queries)
		}
	}
}
