package declaration

import (
	"encoding/json"
	"fmt"

	"github.com/oriel-bi/oriel/internal/oriel"
)

func (b *builder) buildTenants(d *document, file wireFile) {
	for _, slug := range file.Tenants.Keys {
		if !b.claim(d, "tenants", slug) {
			continue
		}
		w, path := file.Tenants.Values[slug], join("tenants", slug)
		tenant := oriel.Tenant{Slug: oriel.TenantSlug(slug), Name: w.Name}
		if tenant.Name == "" {
			tenant.Name = slug
		}
		for name, value := range w.Attributes {
			attribute, err := attributeOf(value)
			if err != nil {
				at := join(path, "attributes", name)
				d.at(at, "%s cannot be read: write a text, a number, true or false, or a list of these", dotted(at))
				continue
			}
			if tenant.Attributes == nil {
				tenant.Attributes = oriel.Attributes{}
			}
			tenant.Attributes[name] = attribute
		}
		if w.Origins != nil {
			tenant.Origins = b.origins(d, join(path, "origins"), w.Origins)
		}
		tenant.Quotas = oriel.Quotas(w.Quotas)
		if w.TimeZone != "" {
			zone, err := oriel.ParseTimeZone(w.TimeZone)
			if err != nil {
				at := join(path, "time_zone")
				d.at(at, "%s: %s", dotted(at), oriel.MessageOf(err))
			}
			tenant.TimeZone = zone
		}
		b.out.Tenants = append(b.out.Tenants, tenant)
	}
}

// attributeOf writes numbers and booleans as their JSON text, as those of a
// token are (sign-in contract §2).
func attributeOf(value any) (oriel.AttributeValue, error) {
	items, isList := value.([]any)
	if !isList {
		text, err := scalarText(value)
		return oriel.Text(text), err
	}
	list := oriel.TextList()
	for _, item := range items {
		text, err := scalarText(item)
		if err != nil {
			return list, err
		}
		list.Values = append(list.Values, text)
	}
	return list, nil
}

func scalarText(value any) (string, error) {
	if text, is := value.(string); is {
		return text, nil
	}
	text, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("write an attribute: %w", err)
	}
	return string(text), nil
}
