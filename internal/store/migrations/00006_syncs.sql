-- +goose Up

-- The newest sync of each data source. One whose process stopped telling of
-- itself is over.
CREATE TABLE source_syncs (
  source    TEXT PRIMARY KEY REFERENCES sources (key) ON DELETE CASCADE,
  id        TEXT NOT NULL,
  beat      INTEGER NOT NULL, -- when whoever runs it last told of itself
  cancelled INTEGER NOT NULL, -- somebody asked for its end
  document  TEXT NOT NULL
) WITHOUT ROWID;
