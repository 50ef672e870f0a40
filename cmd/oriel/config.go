package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/oriel-bi/oriel/internal/config"
)

type configCommand struct {
	Validate configValidateCommand `cmd:"" help:"Say what is wrong with the configuration, or nothing."`
	Print    configPrintCommand    `cmd:"" help:"Print every setting in force and where it came from; secrets as set or unset."`
}

type configValidateCommand struct{ config.ServeFlags }

// Run fails when the configuration is not valid.
func (c configValidateCommand) Run(p process) error {
	_, err := load(c.ServeFlags, p)
	return err
}

type configPrintCommand struct {
	config.ServeFlags
	Output string `help:"text or json." enum:"text,json" default:"text"`
}

// Run prints the configuration.
func (c configPrintCommand) Run(p process) error {
	loaded, err := load(c.ServeFlags, p)
	if err != nil {
		return err
	}
	if c.Output == "json" {
		return json.NewEncoder(p.stdout).Encode(map[string]any{"settings": loaded.Settings()})
	}
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	for _, s := range loaded.Settings() {
		if _, err := fmt.Fprintf(table, "%s\t%s\t%s\n", s.Key, s.Value, s.From); err != nil {
			return err
		}
	}
	return table.Flush()
}

// load reads the configuration; what is wrong with it is the caller's to mend.
func load(flags config.ServeFlags, p process) (config.Config, error) {
	loaded, err := config.Load(flags, p.environ)
	if err != nil {
		return config.Config{}, usage{err}
	}
	return loaded, nil
}
