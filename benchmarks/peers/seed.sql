INSERT INTO providers (id, slug, enabled, document) VALUES ('prv_1', 'apron', 1, '{}');
INSERT INTO groups (key, document) VALUES ('operators', '{}');
