package main

import (
	"context"
	"errors"

	"github.com/oriel-bi/oriel/internal/config"
)

type devCommand struct{ config.ServeFlags }

// Run serves in dev mode, whatever environment and file say of it.
func (c devCommand) Run(ctx context.Context, p process) error {
	on := "true"
	if c.Dev != nil && *c.Dev != on {
		return usage{errors.New("oriel dev is dev mode: leave --dev out, or run oriel serve")}
	}
	c.Dev = &on
	return serveCommand(c).Run(ctx, p)
}
