package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// span is a time on the command line: 24h, 90m, or whole days as 90d.
type span time.Duration

// UnmarshalText reads a span that is not negative.
func (s *span) UnmarshalText(text []byte) error {
	if days, isDays := strings.CutSuffix(string(text), "d"); isDays {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil {
			return fmt.Errorf("%q is not a time: write it as 24h or 90d", text)
		}
		*s = span(time.Duration(n) * 24 * time.Hour)
		return nil
	}
	d, err := time.ParseDuration(string(text))
	if err != nil || d < 0 {
		return fmt.Errorf("%q is not a time: write it as 24h or 90d", text)
	}
	*s = span(d)
	return nil
}
