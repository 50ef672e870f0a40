-- +goose Up

-- Requests to SAML identity providers, until some time after they were answered:
-- one that is used stays, so that a response that comes twice is known as such.
CREATE TABLE saml_requests (
  relay       BLOB PRIMARY KEY, -- SHA-256 of the RelayState
  provider_id TEXT NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
  document    TEXT NOT NULL,
  used        INTEGER NOT NULL DEFAULT 0,
  expires     INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX saml_requests_by_end ON saml_requests (expires);
CREATE INDEX saml_requests_by_provider ON saml_requests (provider_id);

-- Sign-ins by popup that wait for the page that opened it.
CREATE TABLE saml_codes (
  hash        BLOB PRIMARY KEY, -- SHA-256 of the code
  provider_id TEXT NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
  document    TEXT NOT NULL,
  expires     INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX saml_codes_by_end ON saml_codes (expires);
CREATE INDEX saml_codes_by_provider ON saml_codes (provider_id);

-- Test sign-ins of administrators, and what came of them.
CREATE TABLE saml_trials (
  id          TEXT PRIMARY KEY,
  provider_id TEXT NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
  document    TEXT NOT NULL,
  expires     INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX saml_trials_by_end ON saml_trials (expires);
CREATE INDEX saml_trials_by_provider ON saml_trials (provider_id);

-- By which name and session of an identity provider a session began: what a
-- sign-out at either side names.
CREATE TABLE saml_sessions (
  session_id    TEXT PRIMARY KEY,
  provider_id   TEXT NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
  name          BLOB NOT NULL, -- SHA-256 of the NameID
  session_index TEXT NOT NULL, -- empty: none was told
  document      TEXT NOT NULL,
  sign_in       TEXT NOT NULL, -- the first session of the sign-in: those that renew it end with it
  renewable     INTEGER, -- until when it is renewed without the identity provider; null: it is not
  renewed       INTEGER NOT NULL DEFAULT 0,
  attempt       BLOB, -- the renewal that made it; null: a sign-in, or a page that names none
  expires       INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX saml_sessions_by_name ON saml_sessions (provider_id, name);
CREATE INDEX saml_sessions_by_sign_in ON saml_sessions (sign_in);
CREATE INDEX saml_sessions_by_end ON saml_sessions (expires);

-- Certificates that an administrator deleted: metadata that still have them do not
-- bring them back.
CREATE TABLE dropped_certificates (
  provider_id TEXT NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
  fingerprint BLOB NOT NULL, -- SHA-256 of the DER
  PRIMARY KEY (provider_id, fingerprint)
) WITHOUT ROWID;

-- Sign-outs name a person by the NameID alone too ('name', its SHA-256 in hex).
CREATE TABLE host_logouts_named (
  provider_id TEXT NOT NULL,
  kind        TEXT NOT NULL CHECK (kind IN ('sub', 'sid', 'name')),
  value       TEXT NOT NULL,
  not_before  INTEGER NOT NULL,
  until       INTEGER NOT NULL, -- no token from before can pass any more
  PRIMARY KEY (provider_id, kind, value)
) WITHOUT ROWID;
INSERT INTO host_logouts_named SELECT provider_id, kind, value, not_before, until FROM host_logouts;
DROP TABLE host_logouts;
ALTER TABLE host_logouts_named RENAME TO host_logouts;
CREATE INDEX host_logouts_by_end ON host_logouts (until);

-- Our own keys as a service provider: the newest whose time has come signs, all of
-- them decrypt.
CREATE TABLE saml_keys (
  serial      INTEGER PRIMARY KEY,
  certificate BLOB NOT NULL, -- DER
  secret      BLOB NOT NULL, -- sealed; PKCS #8
  created     INTEGER NOT NULL,
  signs_from  INTEGER NOT NULL
);
