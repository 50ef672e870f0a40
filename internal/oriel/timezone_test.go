package oriel_test

import (
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

func TestTimeZone_isANameOfTheDatabase(t *testing.T) {
	for _, name := range []string{"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "America/Port-au-Prince", "Etc/GMT+5", "Australia/Lord_Howe", "Asia/Kathmandu", "EST5EDT"} {
		if zone, err := oriel.ParseTimeZone(name); err != nil || string(zone) != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{
		"", "Local", "Factory", "europe/berlin", "Europe/Berlin ", " UTC", "Europe/../UTC", "../UTC", "/etc/passwd", "right/UTC", "posix/Europe/Berlin", "Europe", "posixrules",
		"Europe/Nowhere", "UTC+2", "+02:00", "Europe\\Berlin", "Europe/Berlin\x00", "zone.tab", "A/B/C/D", "Z" + strings.Repeat("z", 100), "UTC'; --",
	} {
		if zone, err := oriel.ParseTimeZone(name); err == nil || oriel.CodeOf(err) != oriel.CodeInvalidRequest {
			t.Errorf("%q was taken as %q", name, zone)
		}
	}
}
