-- +goose Up

-- The time zone of a tenant's questions, by its IANA name; empty for the site's.
ALTER TABLE tenants ADD COLUMN time_zone TEXT NOT NULL DEFAULT '';
