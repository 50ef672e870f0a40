-- +goose Up

-- What a tenant may take, by name; {}: nothing is bounded.
ALTER TABLE tenants ADD COLUMN quotas TEXT NOT NULL DEFAULT '{}';
