-- Schema version 1 of a stream: what a gateway of version 0.1.0 (commit 5f47e8e) had written to the file of the object
-- "front-door" when 69 alerts were published with ALERT_RETENTION_COUNT=3, read out with SQLite. Never to be changed:
-- releases to come wake with it.
CREATE TABLE stream (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  schema_version INTEGER NOT NULL,
  stream_id TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  epoch TEXT NOT NULL,
  access TEXT NOT NULL,
  access_version INTEGER NOT NULL,
  head INTEGER NOT NULL,
  seq_reserved INTEGER NOT NULL
);
INSERT INTO stream (id, schema_version, stream_id, owner_id, created_at_ms, epoch, access, access_version, head, seq_reserved)
  VALUES (1, 1, 'front-door', 'anna', 1795254536105, '4c77f429517a44f1a31086552edcd9d7', '{"public":false,"readers":["ben"],"writers":{"carl":["alert"]}}', 2, 69, 10000);
CREATE TABLE alerts (
  offset INTEGER PRIMARY KEY,
  publisher TEXT NOT NULL,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  sender_kind TEXT NOT NULL,
  seq INTEGER NOT NULL,
  received_at_ms INTEGER NOT NULL,
  fields TEXT NOT NULL,
  UNIQUE (publisher, id)
);
INSERT INTO alerts (offset, publisher, id, type, sender_kind, seq, received_at_ms, fields)
  VALUES (63, 'anna', 'door-63', 'alert', 'user', 63, 1795254536204, '{"type":"alert","message":"number 63"}');
INSERT INTO alerts (offset, publisher, id, type, sender_kind, seq, received_at_ms, fields)
  VALUES (64, 'anna', 'door-64', 'alert', 'user', 64, 1795254536205, '{"type":"alert","message":"number 64"}');
INSERT INTO alerts (offset, publisher, id, type, sender_kind, seq, received_at_ms, fields)
  VALUES (65, 'anna', 'door-65', 'alert', 'user', 65, 1795254536206, '{"type":"alert","message":"number 65"}');
INSERT INTO alerts (offset, publisher, id, type, sender_kind, seq, received_at_ms, fields)
  VALUES (66, 'anna', 'quote', 'alert', 'user', 66, 1795254536207, '{"type":"alert","message":"it''s \"動き\" – 🚪","box":{"x":240,"y":80.5},"tags":["a",null,true]}');
INSERT INTO alerts (offset, publisher, id, type, sender_kind, seq, received_at_ms, fields)
  VALUES (67, 'carl', 'posted', 'alert', 'user', 67, 1795254536213, '{"type":"alert","message":"from carl","severity":"high"}');
INSERT INTO alerts (offset, publisher, id, type, sender_kind, seq, received_at_ms, fields)
  VALUES (68, 'key:sensor', 'e57aa1d0-dab0-4a65-b6de-0ca60ab9571a', 'alert', 'service', 68, 1795254536228, '{"type":"alert","message":"from the sensor"}');
INSERT INTO alerts (offset, publisher, id, type, sender_kind, seq, received_at_ms, fields)
  VALUES (69, 'anna', 'a29bac1e-3f81-4c70-bad1-2bf88b5a45e5', 'alert', 'user', 69, 1795254536236, '{"type":"alert","message":"without an id"}');
