-- +goose Up

-- How the servers of data sources are reached, with logins and passwords.
CREATE TABLE source_urls (
  source TEXT PRIMARY KEY REFERENCES sources (key) ON DELETE CASCADE,
  url    BLOB NOT NULL -- sealed
) WITHOUT ROWID;
