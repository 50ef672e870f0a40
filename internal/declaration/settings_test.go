package declaration_test

import (
	"reflect"
	"testing"

	"github.com/oriel-bi/oriel/internal/declaration"
)

func TestSettings_areReadBackAsTheSameProvider(t *testing.T) {
	for name, change := range map[string]map[string]any{
		"the least": nil,
		"off, compat": {
			"enabled": false, "profile": "compat", "issuer": nil, "audience": "us", "realm": "r",
			"provisioning": map[string]any{"create": true, "reactivate": true},
		},
		"by name": {
			"groups":  map[string]any{"mode": "by-name", "opened": []string{"operators"}},
			"origins": []string{"https://app.example", "https://*.example.org:*"},
			"tenants": map[string]any{"listed": []string{"1", "acme"}, "create": true},
			"claims":  map[string]any{"email": "mail"},
		},
		"mapped": {
			"groups":  map[string]any{"mode": "mapped", "mapping": map[string]any{"A=B": []string{"operators"}, "none": []string{}}},
			"tenants": map[string]any{"any": true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := readProvider("apron", change)
			if err != nil {
				t.Fatal(err)
			}
			again, err := readProvider("apron", nilled(declaration.Settings(p)))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(again, p) {
				t.Errorf("read back as %+v, was %+v", again, p)
			}
		})
	}
}

// nilled takes out what readProvider adds by itself.
func nilled(all map[string]any) map[string]any {
	if _, found := all["issuer"]; !found {
		all["issuer"] = nil
	}
	return all
}
