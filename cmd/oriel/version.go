package main

import (
	"encoding/json"
	"fmt"
	"runtime"
)

// version is what this build calls itself, to people and to the SDK.
const version = "0.1.0"

type versionCommand struct {
	Output string `help:"text or json." enum:"text,json" default:"text"`
}

// Run prints the version.
func (c versionCommand) Run(p process) error {
	if c.Output == "json" {
		return json.NewEncoder(p.stdout).Encode(map[string]string{"version": version, "go": runtime.Version()})
	}
	_, err := fmt.Fprintf(p.stdout, "oriel %s (%s)\n", version, runtime.Version())
	return err
}
