package oriel

import (
	"fmt"
	"regexp"
	"slices"
	"time"
	_ "time/tzdata" // so that every name is known on a machine without a time zone database
)

// TimeZone is the IANA name of a time zone ("Europe/Berlin") that was found to
// be one; empty for none. Only [ParseTimeZone] makes one of what somebody wrote.
type TimeZone string

// UTC is the time zone in which moments are kept.
const UTC TimeZone = "UTC"

// zoneName leaves out what only some machines have beside the zones of the
// database: copies under right/ and posix/, tables, and paths.
var zoneName = regexp.MustCompile(`^[A-Z][A-Za-z0-9_+-]*(/[A-Z][A-Za-z0-9_+-]*){0,2}$`)

// ParseTimeZone reads the name of a time zone, exactly as the IANA database
// spells it. Error: invalid_request with a sentence that says what to write.
func ParseTimeZone(name string) (TimeZone, error) {
	zone := TimeZone(name)
	if len(name) > 64 || !zoneName.MatchString(name) || slices.Contains([]string{"Local", "Factory"}, name) {
		return "", unknownZone(name)
	}
	if _, err := zone.Location(); err != nil {
		return "", unknownZone(name)
	}
	return zone, nil
}

func unknownZone(name string) error {
	return E(CodeInvalidRequest, "there is no time zone %s: write a name of the IANA database, as Europe/Berlin or UTC", Quoted(name))
}

// Location is the zone's rules; those of UTC for no zone. Errors: a zone that
// this machine's database does not have any more.
func (z TimeZone) Location() (*time.Location, error) {
	if z == "" {
		return time.UTC, nil
	}
	location, err := time.LoadLocation(string(z))
	if err != nil {
		return nil, fmt.Errorf("find the time zone %s: %w", Quoted(string(z)), err)
	}
	return location, nil
}
