package declaration

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// ordered is a mapping that keeps the file's order of keys.
type ordered[T any] struct {
	Keys   []string
	Values map[string]T
}

// UnmarshalYAML reads a mapping; its keys were found to be unique before.
func (o *ordered[T]) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: not a mapping", n.Line)
	}
	o.Values = make(map[string]T, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		var value T
		if err := n.Content[i+1].Decode(&value); err != nil {
			return err
		}
		o.Keys = append(o.Keys, n.Content[i].Value)
		o.Values[n.Content[i].Value] = value
	}
	return nil
}

// The format's shape. A test holds it and schema.json together, name by name.
type (
	wireFile struct {
		Version     int                     `yaml:"version"`
		Origins     []string                `yaml:"origins"`
		Providers   ordered[wireProvider]   `yaml:"providers"`
		Sources     ordered[wireSource]     `yaml:"sources"`
		Models      ordered[wireModel]      `yaml:"models"`
		Policies    []wirePolicy            `yaml:"policies"`
		PolicyTests []wirePolicyTest        `yaml:"policy_tests"`
		Groups      ordered[wireGroup]      `yaml:"groups"`
		Tenants     ordered[wireTenant]     `yaml:"tenants"`
		Collections ordered[wireCollection] `yaml:"collections"`
		Questions   ordered[wireQuestion]   `yaml:"questions"`
		Dashboards  ordered[wireDashboard]  `yaml:"dashboards"`
	}

	wireProvider struct {
		Kind         string            `yaml:"kind"`
		Enabled      *bool             `yaml:"enabled"`
		Profile      string            `yaml:"profile"`
		Issuer       string            `yaml:"issuer"`
		Audience     string            `yaml:"audience"`
		SignInURI    string            `yaml:"sign_in_uri"`
		Keys         []wireProviderKey `yaml:"keys"`
		Claims       wireClaims        `yaml:"claims"`
		Groups       wireClaimGroups   `yaml:"groups"`
		Provisioning wireProvisioning  `yaml:"provisioning"`
		Tenants      wireTenants       `yaml:"tenants"`
		Backend      bool              `yaml:"backend_sessions"`
		Legacy       bool              `yaml:"legacy_exchange"`
		Native       bool              `yaml:"native"`
		SAML         *wireSAML         `yaml:"saml"`
		Realm        string            `yaml:"realm"`
		Origins      []string          `yaml:"origins"`
	}

	wireSAML struct {
		IdPInitiated  bool     `yaml:"idp_initiated"`
		SignRequests  bool     `yaml:"sign_requests"`
		WantEncrypted bool     `yaml:"want_encrypted"`
		SignOutURI    string   `yaml:"sign_out_uri"`
		SignOutAnswer string   `yaml:"sign_out_answer_uri"`
		RenewFor      string   `yaml:"renew_for"`
		Callbacks     []string `yaml:"callback_urls"`
		MetadataURL   string   `yaml:"metadata_url"`
		MetadataBy    string   `yaml:"metadata_certificate"`
	}

	wireProviderKey struct {
		ID     string `yaml:"id"`
		Kind   string `yaml:"kind"`
		Secret string `yaml:"secret"`
		Public string `yaml:"public"`
		URL    string `yaml:"url"`
	}

	wireClaims struct {
		Email     string `yaml:"email"`
		FirstName string `yaml:"first_name"`
		LastName  string `yaml:"last_name"`
		Groups    string `yaml:"groups"`
		Tenant    string `yaml:"tenant"`
	}

	wireClaimGroups struct {
		Mode    string              `yaml:"mode"`
		Opened  []string            `yaml:"opened"`
		Mapping map[string][]string `yaml:"mapping"`
	}

	wireProvisioning struct {
		Create     bool `yaml:"create"`
		Reactivate bool `yaml:"reactivate"`
	}

	wireTenants struct {
		Any    bool     `yaml:"any"`
		Listed []string `yaml:"listed"`
		Own    string   `yaml:"own"`
		Create bool     `yaml:"create"`
	}

	wireSource struct {
		Kind     string     `yaml:"kind"`
		Files    []string   `yaml:"files"`
		Database string     `yaml:"database"`
		URL      string     `yaml:"url"`
		Schema   string     `yaml:"schema"`
		Role     string     `yaml:"role"`
		Tables   []string   `yaml:"tables"`
		Native   bool       `yaml:"native_security"`
		Limits   wireLimits `yaml:"limits"`
	}

	wireLimits struct {
		Connections  int `yaml:"connections"`
		QuerySeconds int `yaml:"query_seconds"`
		Rows         int `yaml:"rows"`
		DownloadRows int `yaml:"download_rows"`
		MemoryMiB    int `yaml:"memory_mib"`
		ResultMiB    int `yaml:"result_mib"`
	}

	wireFormat struct {
		Style    string `yaml:"style"`
		Currency string `yaml:"currency"`
		Unit     string `yaml:"unit"`
		Digits   *int   `yaml:"digits"`
	}

	wireColumn struct {
		Label       string     `yaml:"label"`
		Description string     `yaml:"description"`
		Format      wireFormat `yaml:"format"`
	}

	// wireModelColumn is a wireColumn that may be a foreign key.
	wireModelColumn struct {
		Label       string     `yaml:"label"`
		Description string     `yaml:"description"`
		Format      wireFormat `yaml:"format"`
		Time        string     `yaml:"time"`
		ForeignKey  string     `yaml:"foreign_key"`
	}

	wireModel struct {
		Name        string                   `yaml:"name"`
		Description string                   `yaml:"description"`
		Table       string                   `yaml:"table"`
		TimeColumn  string                   `yaml:"time_column"`
		Columns     ordered[wireModelColumn] `yaml:"columns"`
	}

	wirePolicy struct {
		Table   string            `yaml:"table"`
		Model   string            `yaml:"model"`
		Rows    string            `yaml:"rows"`
		Columns map[string]string `yaml:"columns"`
		Shared  bool              `yaml:"shared"`
		Exempt  []string          `yaml:"exempt"`
	}

	wirePolicyTest struct {
		Name       string            `yaml:"name"`
		As         wirePolicyTester  `yaml:"as"`
		Table      string            `yaml:"table"`
		Model      string            `yaml:"model"`
		Question   string            `yaml:"question"`
		Parameters map[string]any    `yaml:"parameters"`
		Only       string            `yaml:"only"`
		Count      *int              `yaml:"count"`
		Columns    []string          `yaml:"columns"`
		Masks      map[string]string `yaml:"masks"`
	}

	wirePolicyTester struct {
		User             string         `yaml:"user"`
		ID               string         `yaml:"id"`
		Email            string         `yaml:"email"`
		Tenant           string         `yaml:"tenant"`
		Groups           []string       `yaml:"groups"`
		Attributes       map[string]any `yaml:"attributes"`
		TenantAttributes map[string]any `yaml:"tenant_attributes"`
	}

	wireTenant struct {
		Name       string         `yaml:"name"`
		Attributes map[string]any `yaml:"attributes"`
		Origins    []string       `yaml:"origins"`
		TimeZone   string         `yaml:"time_zone"`
		Quotas     wireQuotas     `yaml:"quotas"`
	}

	wireQuotas struct {
		Users            int `yaml:"users"`
		QueriesPerMinute int `yaml:"queries_per_minute"`
		QueriesAtOnce    int `yaml:"queries_at_once"`
	}

	wireGroup struct {
		Name        string            `yaml:"name"`
		Collections map[string]string `yaml:"collections"`
		Sources     map[string]string `yaml:"sources"`
		Download    string            `yaml:"download"`
		Scopes      []string          `yaml:"scopes"`
	}

	wireCollection struct {
		Name string `yaml:"name"`
	}

	wireQuestion struct {
		Name        string                 `yaml:"name"`
		Description string                 `yaml:"description"`
		Collection  string                 `yaml:"collection"`
		Source      string                 `yaml:"source"`
		SQL         string                 `yaml:"sql"`
		Structured  *wireStructured        `yaml:"structured"`
		Parameters  ordered[wireParameter] `yaml:"parameters"`
		Columns     ordered[wireColumn]    `yaml:"columns"`
		Chart       wireChart              `yaml:"chart"`
		Cache       *wireCache             `yaml:"cache"`
	}

	wireCache struct {
		Seconds int `yaml:"seconds"`
		Stale   int `yaml:"stale"`
	}

	wireParameter struct {
		Type     string `yaml:"type"`
		Label    string `yaml:"label"`
		Required bool   `yaml:"required"`
		Default  any    `yaml:"default"`
		Table    string `yaml:"table"`
		Column   string `yaml:"column"`
		As       string `yaml:"as"`
	}

	wireDashboardParameter struct {
		Type     string      `yaml:"type"`
		Label    string      `yaml:"label"`
		Required bool        `yaml:"required"`
		Default  any         `yaml:"default"`
		Values   *wireValues `yaml:"values"`
	}

	wireValues struct {
		Model  string     `yaml:"model"`
		Column string     `yaml:"column"`
		Joins  []wireJoin `yaml:"joins"`
	}

	wireJoin struct {
		Column string `yaml:"column"`
		As     string `yaml:"as"`
	}

	wireStructured struct {
		Model        string            `yaml:"model"`
		Joins        []wireJoin        `yaml:"joins"`
		Filters      []wireFilter      `yaml:"filters"`
		Breakouts    []wireBreakout    `yaml:"breakouts"`
		Aggregations []wireAggregation `yaml:"aggregations"`
		Columns      []string          `yaml:"columns"`
		Having       []wireFilter      `yaml:"having"`
		Sort         []wireSort        `yaml:"sort"`
		Limit        int               `yaml:"limit"`
		Compare      *wireCompare      `yaml:"compare"`
	}

	wireFilter struct {
		Column    string `yaml:"column"`
		Op        string `yaml:"op"`
		Value     any    `yaml:"value"`
		Parameter string `yaml:"parameter"`
	}

	wireBreakout struct {
		Column string   `yaml:"column"`
		Unit   string   `yaml:"unit"`
		Bin    *wireBin `yaml:"bin"`
		As     string   `yaml:"as"`
	}

	wireBin struct {
		Width float64 `yaml:"width"`
	}

	wireAggregation struct {
		Function string       `yaml:"function"`
		Column   string       `yaml:"column"`
		At       float64      `yaml:"at"`
		Where    []wireFilter `yaml:"where"`
		As       string       `yaml:"as"`
	}

	wireSort struct {
		By         string `yaml:"by"`
		Descending bool   `yaml:"descending"`
	}

	wireCompare struct {
		Column    string `yaml:"column"`
		Parameter string `yaml:"parameter"`
	}

	wireChart struct {
		Kind   string   `yaml:"kind"`
		X      string   `yaml:"x"`
		Y      []string `yaml:"y"`
		Label  string   `yaml:"label"`
		Better string   `yaml:"better"`
		Note   string   `yaml:"note"`
	}

	wireDashboard struct {
		Name        string                          `yaml:"name"`
		Description string                          `yaml:"description"`
		Collection  string                          `yaml:"collection"`
		Parameters  ordered[wireDashboardParameter] `yaml:"parameters"`
		Cards       []wireCard                      `yaml:"cards"`
	}

	wireCard struct {
		Key        string            `yaml:"key"`
		Question   string            `yaml:"question"`
		Title      string            `yaml:"title"`
		X          int               `yaml:"x"`
		Y          int               `yaml:"y"`
		W          int               `yaml:"w"`
		H          int               `yaml:"h"`
		Parameters map[string]string `yaml:"parameters"`
	}
)
