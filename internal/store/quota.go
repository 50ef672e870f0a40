package store

import (
	"encoding/json"
	"fmt"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// roomFor fails with conflict when the tenant has as many active users as it
// may, without the one who is about to be. Writes come one after another, so
// that no two take the last place.
func (tx *Tx) roomFor(user oriel.UserID, tenant oriel.TenantSlug) error {
	if tenant == "" {
		return nil
	}
	var text string
	var active int
	found, err := tx.find("count a tenant's users", `
		SELECT quotas, (SELECT count(*) FROM users WHERE tenant = t.slug AND active AND id <> ?1) FROM tenants t WHERE slug = ?2`,
		[]any{string(user), string(tenant)}, &text, &active)
	if err != nil || !found {
		return err
	}
	quotas, err := readQuotas(text)
	if err == nil && quotas.Users > 0 && active >= quotas.Users {
		err = quotas.Full(tenant)
	}
	return err
}

func readQuotas(text string) (q oriel.Quotas, err error) {
	if err := json.Unmarshal([]byte(text), &q); err != nil {
		return q, fmt.Errorf("read a stored tenant's quotas: %w", err)
	}
	return q, nil
}
