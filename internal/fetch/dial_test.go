package fetch_test

import (
	"net/netip"
	"testing"

	"github.com/oriel-bi/oriel/internal/fetch"
)

func TestDial_networks(t *testing.T) {
	const public, private, loopback, never = "public", "private", "loopback", "never"
	for text, kind := range map[string]string{
		"8.8.8.8": public, "1.1.1.1": public, "172.15.255.255": public, "172.32.0.0": public, "100.63.255.255": public, "100.128.0.0": public,
		"192.167.255.255": public, "192.169.0.0": public, "169.253.255.255": public, "223.255.255.255": public, "11.0.0.0": public, "9.255.255.255": public,
		"2606:4700::1111": public, "2a00:1450::1": public, "2001:4860:4860::8888": public,

		"10.0.0.0": private, "10.255.255.255": private, "172.16.0.0": private, "172.31.255.255": private, "192.168.0.0": private, "192.168.255.255": private,
		"100.64.0.0": private, "100.127.255.255": private, "fc00::1": private, "fd12:3456::1": private, "::ffff:10.0.0.1": private,

		"127.0.0.1": loopback, "127.255.255.255": loopback, "::1": loopback, "::ffff:127.0.0.1": loopback,

		"0.0.0.0": never, "0.1.2.3": never, "169.254.169.254": never, "169.254.0.1": never, "192.0.0.192": never, "192.0.2.1": never,
		"192.88.99.1": never, "198.18.0.1": never, "198.19.255.255": never, "198.51.100.1": never, "203.0.113.1": never,
		"224.0.0.1": never, "239.255.255.255": never, "240.0.0.1": never, "255.255.255.255": never,
		"100.100.100.200": never, "168.63.129.16": never, "fd00:ec2::254": never, "fd20:ce::254": never,
		"::": never, "fe80::1": never, "fe80::1%eth0": never, "febf::1": never, "fec0::1": never, "ff02::1": never, "ff0e::1": never,
		"::127.0.0.1": never, "::ffff:0.0.0.0": never, "::ffff:169.254.169.254": never, "::ffff:0:127.0.0.1": never,
		"64:ff9b::7f00:1": never, "64:ff9b::808:808": never, "64:ff9b:1::a00:1": never, "100::1": never,
		"2001::1": never, "2001:0:7f00:1::": never, "2001:10::1": never, "2001:20::1": never, "2001:db8::1": never, "3fff::1": never,
		"2002:7f00:1::": never, "2002:a00:1::1": never, "4000::1": never, "5f00::1": never, "fc00::1%eth0": never,
	} {
		addr := netip.MustParseAddr(text)
		for _, o := range []fetch.Options{{}, {AllowPrivate: true}, {DevMode: true}, {AllowPrivate: true, DevMode: true}} {
			want := kind == public || kind == private && o.AllowPrivate || kind == loopback && o.DevMode
			if got := fetch.Dialled(o, addr); got != want {
				t.Errorf("%s with %+v: dialled %t, want %t", text, o, got, want)
			}
		}
	}
}
