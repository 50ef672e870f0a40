package httpapi

import (
	"encoding/json"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// values are a result's columns, each value already JSON text. It writes them
// out itself: encoding/json would look at each of a hundred thousand values
// through an interface.
type values [][]oriel.RawValue

var _ json.Marshaler = values(nil)

// MarshalJSON writes one array for each column.
func (v values) MarshalJSON() ([]byte, error) {
	size := 2
	for _, column := range v {
		size += 3
		for _, value := range column {
			size += max(len(value), len("null")) + 1
		}
	}
	out := make([]byte, 0, size)
	out = append(out, '[')
	for i, column := range v {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, '[')
		for j, value := range column {
			if j > 0 {
				out = append(out, ',')
			}
			if len(value) == 0 {
				out = append(out, "null"...)
				continue
			}
			out = append(out, value...)
		}
		out = append(out, ']')
	}
	return append(out, ']'), nil
}
