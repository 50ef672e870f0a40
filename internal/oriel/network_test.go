package oriel

import "testing"

func TestClientNetwork_isTheAddressOrTheSlash64(t *testing.T) {
	for ip, want := range map[string]string{
		"203.0.113.7":          "203.0.113.7",
		"::ffff:203.0.113.7":   "203.0.113.7",
		"2001:db8:1:2::1":      "2001:db8:1:2::/64",
		"2001:db8:1:2:ffff::9": "2001:db8:1:2::/64",
		"2001:db8:1:3::1":      "2001:db8:1:3::/64",
		"fe80::1%eth0":         "fe80::/64",
		"::1":                  "::/64",
		"":                     "",
		"nobody":               "",
		"203.0.113.7:4000":     "",
	} {
		if got := ClientNetwork(ip); got != want {
			t.Errorf("%q: got %q, want %q", ip, got, want)
		}
	}
}
