package declaration

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// The schema decides about the shape and the wire types take it: whatever
// either knows, the other must know by the same name and kind, or a key would
// be taken and then dropped.
func TestSchema_andWireTypesAreOneShape(t *testing.T) {
	var tree map[string]any
	if err := json.Unmarshal(schemaText, &tree); err != nil {
		t.Fatal(err)
	}
	c := comparer{t: t, tree: tree, seen: map[string]bool{}}
	c.compare("", tree, reflect.TypeFor[wireFile]())
	if len(c.seen) < 20 {
		t.Errorf("only %d shapes were compared", len(c.seen))
	}
}

type comparer struct {
	t    *testing.T
	tree map[string]any
	seen map[string]bool
}

func (c comparer) resolve(part map[string]any) map[string]any {
	ref, found := part["$ref"].(string)
	if !found {
		return part
	}
	definitions, _ := c.tree["$defs"].(map[string]any)
	definition, _ := definitions[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	return c.resolve(definition)
}

func (c comparer) compare(at string, part map[string]any, is reflect.Type) {
	part = c.resolve(part)
	for is.Kind() == reflect.Pointer {
		is = is.Elem()
	}
	switch part["type"] {
	case "object":
		c.compareObject(at, part, is)
	case "array":
		if is.Kind() != reflect.Slice {
			c.t.Errorf("%s is a list in the schema and %s in Go", at, is)
			return
		}
		items, _ := part["items"].(map[string]any)
		c.compare(at+"[]", items, is.Elem())
	case "string", "boolean", "integer", "number":
		kinds := map[any]reflect.Kind{"string": reflect.String, "boolean": reflect.Bool, "integer": reflect.Int, "number": reflect.Float64}
		if is.Kind() != kinds[part["type"]] {
			c.t.Errorf("%s is a %s in the schema and %s in Go", at, part["type"], is)
		}
	default: // several types: a constant
		if is.Kind() != reflect.Interface {
			c.t.Errorf("%s is one of %v in the schema and %s in Go", at, part["type"], is)
		}
	}
}

func (c comparer) compareObject(at string, part map[string]any, is reflect.Type) {
	c.seen[at] = true
	if each, isMap := part["additionalProperties"].(map[string]any); isMap {
		element := is
		if is.Kind() == reflect.Struct {
			if values, found := is.FieldByName("Values"); found {
				element = values.Type
			}
		}
		if element.Kind() != reflect.Map {
			c.t.Errorf("%s is a mapping in the schema and %s in Go", at, is)
			return
		}
		c.compare(at+".*", each, element.Elem())
		return
	}
	if part["additionalProperties"] != false {
		c.t.Errorf("%s takes any key in the schema", at)
	}
	properties, _ := part["properties"].(map[string]any)
	fields := map[string]reflect.Type{}
	for i := range is.NumField() {
		fields[is.Field(i).Tag.Get("yaml")] = is.Field(i).Type
	}
	for name, property := range properties {
		field, found := fields[name]
		if !found {
			c.t.Errorf("the schema takes %s.%s, which Go drops", at, name)
			continue
		}
		p, _ := property.(map[string]any)
		c.compare(at+"."+name, p, field)
	}
	for name := range fields {
		// One name is shared by wire types whose schemas differ on purpose: a
		// having has no parameter.
		if _, found := properties[name]; !found && name != "parameter" {
			c.t.Errorf("Go knows %s.%s, which the schema refuses", at, name)
		}
	}
}

// The reference names every key of the schema; a key that isn't described
// there can't be used by anybody.
func TestReference_namesEveryKey(t *testing.T) {
	page, err := os.ReadFile(filepath.FromSlash("../../docs/reference/declarations.md"))
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := json.Unmarshal(schemaText, &tree); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if properties, is := v["properties"].(map[string]any); is {
				for name := range properties {
					names[name] = true
				}
			}
			for _, inner := range v {
				walk(inner)
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	walk(tree)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("docs/reference/declarations.md says nothing of `%s`", name)
		}
	}
}
