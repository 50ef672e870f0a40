-- +goose Up

ALTER TABLE tenants ADD COLUMN origins TEXT; -- a JSON list; NULL: none of its own

-- The API key with which somebody views as the user; empty for other kinds.
ALTER TABLE sessions ADD COLUMN viewer TEXT NOT NULL DEFAULT '';

-- Whom or what the API key of "who" acted as.
ALTER TABLE audit_entries ADD COLUMN acting TEXT NOT NULL DEFAULT '';

CREATE INDEX audit_entries_by_key ON audit_entries (key);

-- Personal values of an entry. They go with the user, the entry stays.
CREATE TABLE audit_values (
  entry   INTEGER PRIMARY KEY REFERENCES audit_entries (id) ON DELETE CASCADE,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  before  TEXT NOT NULL,
  after   TEXT NOT NULL
);

CREATE INDEX audit_values_by_user ON audit_values (user_id);

-- Entries from before this moment may go; the sweep moves it.
INSERT INTO facts (name, value) VALUES ('audit_kept_from', 0);

-- +goose StatementBegin
CREATE TRIGGER audit_entries_stand BEFORE UPDATE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'an audit entry is never changed'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_values_stand BEFORE UPDATE ON audit_values
BEGIN SELECT RAISE(ABORT, 'an audit entry is never changed'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_entries_stay BEFORE DELETE ON audit_entries
WHEN OLD.at >= (SELECT value FROM facts WHERE name = 'audit_kept_from')
BEGIN SELECT RAISE(ABORT, 'an audit entry goes by retention only'); END;
-- +goose StatementEnd

-- REPLACE would take the entry that is there away without asking the others.
-- +goose StatementBegin
CREATE TRIGGER audit_entries_once BEFORE INSERT ON audit_entries
WHEN EXISTS (SELECT 1 FROM audit_entries WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'an audit entry is never changed'); END;
-- +goose StatementEnd
