package config

import _ "embed"

//go:embed schema.json
var schema []byte

// Schema is the JSON Schema of oriel.yaml.
func Schema() []byte { return append([]byte(nil), schema...) }
