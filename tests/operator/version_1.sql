BEGIN TRANSACTION;
CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "meta" VALUES('attempts',3);
INSERT INTO "meta" VALUES('epoch',1);
INSERT INTO "meta" VALUES('ping',0);
CREATE TABLE paused (use_case TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE run (
  n INTEGER PRIMARY KEY, task TEXT NOT NULL, origin TEXT NOT NULL, use_case TEXT NOT NULL, device TEXT NOT NULL,
  finished INTEGER NOT NULL, upload_s REAL NOT NULL, queue_s REAL NOT NULL, server_s REAL NOT NULL,
  end_to_end_s REAL, bootstraps INTEGER NOT NULL
) STRICT;
CREATE TABLE task (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL, uid TEXT NOT NULL, uid_tag TEXT NOT NULL, client TEXT NOT NULL,
  use_case TEXT NOT NULL, capability TEXT NOT NULL, status TEXT NOT NULL,
  band INTEGER NOT NULL, vt INTEGER NOT NULL, seq INTEGER NOT NULL,
  attempt INTEGER NOT NULL, cancelling INTEGER NOT NULL,
  input_name TEXT NOT NULL, input_len INTEGER NOT NULL, input_digest TEXT NOT NULL,
  result_name TEXT, result_len INTEGER, result_digest TEXT,
  failure TEXT, failure_detail TEXT, worker TEXT, device TEXT,
  received INTEGER NOT NULL, created INTEGER NOT NULL, queued INTEGER NOT NULL,
  started INTEGER, finished INTEGER, fetched INTEGER, expires INTEGER,
  token TEXT, ended_as TEXT, run INTEGER, idempotency_key TEXT, last_finished INTEGER
) STRICT;
INSERT INTO "task" VALUES(1,'6c950d17-82e5-4f54-8aa7-a23a6b0c4b38','2f309430-1467-48d3-8a55-9b6038c5be49','46b4a00f','46b4a00f','ad_targeting','ad_targeting@535172cb3b87d8bd924298e82ccea85f2e2e6ad6da30631a51c7b3a2e88801a9','revoked',0,0,1,0,0,'inputs/6c950d17-82e5-4f54-8aa7-a23a6b0c4b38',8252,'3f73e06919403581aa7505c105b4103896b6b9a3bad76ce1202854da46aff166',NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795374084774,1795374084793,1795374084793,NULL,1795374104785,NULL,1795460504785,NULL,NULL,NULL,'9bf3a7cb-2725-4cd7-9434-4f53545de6e2',NULL);
INSERT INTO "task" VALUES(2,'45579a14-d914-4e74-87d9-a709d11146f4','b7901afa-0f8b-4ac4-b1ad-9d715b7ad889','1e518f1e','1e518f1e','ad_targeting','ad_targeting@535172cb3b87d8bd924298e82ccea85f2e2e6ad6da30631a51c7b3a2e88801a9','queued',0,0,2,0,0,'inputs/45579a14-d914-4e74-87d9-a709d11146f4',8252,'b3ce8af1ab6723abcbb2fab317da78bdb70c0256650f84afc32777357b6ba8ac',NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795374085736,1795374085742,1795374085742,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE uid (
  uid TEXT PRIMARY KEY, tag TEXT NOT NULL, client TEXT NOT NULL,
  key_name TEXT, key_len INTEGER, key_digest TEXT,
  created INTEGER NOT NULL, last_used INTEGER NOT NULL, deleting INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
INSERT INTO "uid" VALUES('2f309430-1467-48d3-8a55-9b6038c5be49','46b4a00f','46b4a00f',NULL,NULL,NULL,1795374084652,1795374084793,0);
INSERT INTO "uid" VALUES('b7901afa-0f8b-4ac4-b1ad-9d715b7ad889','1e518f1e','1e518f1e',NULL,NULL,NULL,1795374084447,1795374085742,0);
CREATE TABLE vclock (band INTEGER PRIMARY KEY, vt INTEGER NOT NULL) STRICT;
CREATE INDEX uid_tag ON uid (tag);
CREATE INDEX uid_key ON uid (key_name, last_used);
CREATE INDEX uid_used ON uid (last_used) WHERE key_name IS NOT NULL;
CREATE INDEX uid_deleting ON uid (deleting) WHERE deleting = 1;
CREATE UNIQUE INDEX task_id ON task (id);
CREATE UNIQUE INDEX task_idempotency ON task (uid, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE UNIQUE INDEX task_token ON task (token) WHERE token IS NOT NULL;
CREATE INDEX task_uid ON task (uid, status);
CREATE INDEX task_queue ON task (band, vt, seq) WHERE status = 'queued';
CREATE INDEX task_claim ON task (use_case, capability, band, vt, seq) WHERE status = 'queued';
CREATE INDEX task_share ON task (client, band, vt) WHERE status IN ('queued', 'started');
CREATE INDEX task_running ON task (started, n) WHERE status = 'started';
CREATE INDEX task_started ON task (started, n) WHERE started IS NOT NULL;
CREATE INDEX task_finished ON task (finished, n) WHERE finished IS NOT NULL;
CREATE INDEX task_ended ON task (status, finished, n) WHERE finished IS NOT NULL;
CREATE INDEX task_expires ON task (expires) WHERE expires IS NOT NULL;
CREATE INDEX task_input ON task (input_name);
CREATE INDEX task_result ON task (result_name) WHERE result_name IS NOT NULL;
CREATE INDEX run_use_case ON run (use_case, n);
CREATE INDEX run_origin ON run (origin, n);
COMMIT;
PRAGMA application_id = 1128549169;
PRAGMA user_version = 1;
