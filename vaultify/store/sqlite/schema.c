/* The tables, as numbered migrations: a migration that was ever released is never changed, only followed. */
#include "store/sqlite/schema.h"

#include "sio_strbuf.h"

/* Marks the file as ours ("Vmsg"), in its header. */
#define APPLICATION_ID 0x566d7367

/* Small integer keys inside, UUIDs (16 bytes) outside; times in ms since 1970, 0 for never; words as in
 * rows.h. Foreign keys are written down for the reader but not enforced (the connection leaves them off): the
 * one writer looks every row up anyway, and a second look-up a message costs more than the message.
 *
 * participants: clustered by conversation, for loading one; found by user, for everything a user sees; and
 * by time of joining, so that the first few of 50,000 are cheap. participant_total counts those not left.
 *
 * messages: rows lie in the order of commits. No index that a query does not need:
 *   by_seq     a conversation's history, and the range in which unread ones are counted
 *   by_id      read positions, replies and reactions; version 7 ids grow, so it fills at its end
 *   by_client  a client_message_id is stored once, for ever: found by a 47-bit hash (base/map.h's hash_bytes,
 *              keyed by the two settings, over sender key and id), which makes the index three times smaller
 *              than the texts would, and adding a message a fifth cheaper. Two ids with one hash take the
 *              hash's successors (message_add.c). */
static const char migration_1[] =
    "CREATE TABLE settings (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID, STRICT;"
    "INSERT INTO settings VALUES ('client_hash_seed_0', random()), ('client_hash_seed_1', random());"

    "CREATE TABLE estates ("
    "  estate_key INTEGER PRIMARY KEY,"
    "  id BLOB NOT NULL UNIQUE,"
    "  name TEXT NOT NULL,"
    "  email TEXT NOT NULL,"
    "  address TEXT NOT NULL,"
    "  created_at INTEGER NOT NULL,"
    "  updated_at INTEGER NOT NULL"
    ") STRICT;"

    "CREATE TABLE users ("
    "  user_key INTEGER PRIMARY KEY,"
    "  id BLOB NOT NULL UNIQUE,"
    "  estate_key INTEGER REFERENCES estates,"
    "  role TEXT NOT NULL,"
    "  status TEXT NOT NULL,"
    "  email TEXT NOT NULL UNIQUE,"
    "  first_name TEXT NOT NULL,"
    "  last_name TEXT NOT NULL,"
    "  picture_url TEXT NOT NULL,"
    "  created_at INTEGER NOT NULL,"
    "  updated_at INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX users_by_estate ON users (estate_key);"

    "CREATE TABLE conversations ("
    "  conversation_key INTEGER PRIMARY KEY,"
    "  id BLOB NOT NULL UNIQUE,"
    "  estate_key INTEGER NOT NULL REFERENCES estates,"
    "  created_by INTEGER REFERENCES users,"
    "  type TEXT NOT NULL,"
    "  estate_group INTEGER NOT NULL DEFAULT 0,"
    "  pair_low INTEGER REFERENCES users,"
    "  pair_high INTEGER REFERENCES users,"
    "  title TEXT NOT NULL DEFAULT '',"
    "  photo_url TEXT NOT NULL DEFAULT '',"
    "  metadata TEXT NOT NULL DEFAULT '',"
    "  created_at INTEGER NOT NULL,"
    "  updated_at INTEGER NOT NULL,"
    "  last_activity_at INTEGER NOT NULL,"
    "  last_seq INTEGER NOT NULL DEFAULT 0,"
    "  participant_total INTEGER NOT NULL DEFAULT 0"
    ") STRICT;"
    "CREATE UNIQUE INDEX conversations_by_group ON conversations (estate_key) WHERE estate_group = 1;"
    "CREATE UNIQUE INDEX conversations_by_pair ON conversations (pair_low, pair_high, estate_key)"
    "  WHERE pair_low IS NOT NULL;"

    "CREATE TABLE participants ("
    "  conversation_key INTEGER NOT NULL REFERENCES conversations,"
    "  user_key INTEGER NOT NULL REFERENCES users,"
    "  is_admin INTEGER NOT NULL DEFAULT 0,"
    "  is_muted INTEGER NOT NULL DEFAULT 0,"
    "  is_pinned INTEGER NOT NULL DEFAULT 0,"
    "  is_archived INTEGER NOT NULL DEFAULT 0,"
    "  notifications_enabled INTEGER NOT NULL DEFAULT 1,"
    "  joined_at INTEGER NOT NULL,"
    "  left_at INTEGER NOT NULL DEFAULT 0,"
    "  last_read_seq INTEGER NOT NULL DEFAULT 0,"
    "  last_read_message BLOB,"
    "  PRIMARY KEY (conversation_key, user_key)"
    ") WITHOUT ROWID, STRICT;"
    "CREATE INDEX participants_by_user ON participants (user_key) WHERE left_at = 0;"
    "CREATE INDEX participants_by_join ON participants (conversation_key, joined_at, user_key)"
    "  WHERE left_at = 0;"

    "CREATE TABLE messages ("
    "  message_key INTEGER PRIMARY KEY,"
    "  id BLOB NOT NULL,"
    "  conversation_key INTEGER NOT NULL REFERENCES conversations,"
    "  seq INTEGER NOT NULL,"
    "  sender_key INTEGER NOT NULL REFERENCES users,"
    "  type TEXT NOT NULL,"
    "  status TEXT NOT NULL,"
    "  content TEXT NOT NULL,"
    "  metadata TEXT NOT NULL,"
    "  client_message_id TEXT,"
    "  client_hash INTEGER,"
    "  reply_to BLOB,"
    "  created_at INTEGER NOT NULL,"
    "  updated_at INTEGER NOT NULL,"
    "  edited_at INTEGER NOT NULL DEFAULT 0,"
    "  deleted_at INTEGER NOT NULL DEFAULT 0"
    ") STRICT;"
    "CREATE UNIQUE INDEX messages_by_seq ON messages (conversation_key, seq);"
    "CREATE UNIQUE INDEX messages_by_id ON messages (id);"
    "CREATE UNIQUE INDEX messages_by_client ON messages (conversation_key, client_hash)"
    "  WHERE client_hash IS NOT NULL;"

    "CREATE TABLE reactions ("
    "  reaction_key INTEGER PRIMARY KEY,"
    "  id BLOB NOT NULL UNIQUE,"
    "  message_key INTEGER NOT NULL REFERENCES messages,"
    "  user_key INTEGER NOT NULL REFERENCES users,"
    "  emoji TEXT NOT NULL,"
    "  created_at INTEGER NOT NULL,"
    "  UNIQUE (message_key, user_key, emoji)"
    ") STRICT;";

/* The first few reactions of a message in their order, however many it has. */
static const char migration_2[] = "CREATE INDEX reactions_by_message ON reactions (message_key);";

/* Devices, settings, and the outbox of pushes (store/push.h). Before this, nobody had a device, and messages that
 * are there already owe no push.
 *
 * AUTOINCREMENT: whoever holds a key of a row that has gone meanwhile (a push that is being sent, a page of dead
 * letters) must not meet another row under it.
 *
 *   devices_by_id       removing one; the one of a job that was cancelled while it was sent
 *   devices_by_token    a token belongs to one user
 *   devices_by_user     a user's devices; whether there is one on a service, without reading the row
 *   devices_by_seen     those not seen for too long
 *   push_fanouts_emergency  emergencies overtake; a normal one, written with messages, pays for no index
 *   push_watches_due    the next one to look at
 *   push_jobs_once      a newer message replaces the one that waits; what a user and conversation wait for; and,
 *                       by user, what a device waits for
 *   push_jobs_due       the next ones of a service, whatever else waits
 *   push_jobs_claimed   what a process that died was sending: few rows, found at start
 *   push_jobs_age       the oldest of a service: how long it waits, and whether too long
 *   push_dead_by_device, push_receipts_due   what their names say; both tables' keys grow with time, so the oldest
 *                       rows are the first
 * push_counts: rows of push_jobs and push_dead by service, kept by triggers so that no statement forgets to: a
 * million rows are not counted one by one each time somebody asks. */
static const char migration_3[] =
    "ALTER TABLE users ADD COLUMN locale TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE users ADD COLUMN time_zone TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE users ADD COLUMN quiet_from INTEGER NOT NULL DEFAULT -1;"
    "ALTER TABLE users ADD COLUMN quiet_to INTEGER NOT NULL DEFAULT -1;"
    "ALTER TABLE participants ADD COLUMN muted_until INTEGER NOT NULL DEFAULT 0;"

    "CREATE TABLE devices ("
    "  device_key INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  id BLOB NOT NULL,"
    "  user_key INTEGER NOT NULL REFERENCES users,"
    "  platform TEXT NOT NULL,"
    "  service INTEGER NOT NULL,"
    "  token TEXT NOT NULL,"
    "  keys BLOB NOT NULL,"
    "  device_id TEXT NOT NULL,"
    "  created_at INTEGER NOT NULL,"
    "  last_seen_at INTEGER NOT NULL"
    ") STRICT;"
    "CREATE UNIQUE INDEX devices_by_id ON devices (id);"
    "CREATE UNIQUE INDEX devices_by_token ON devices (token);"
    "CREATE INDEX devices_by_user ON devices (user_key, service);"
    "CREATE INDEX devices_by_seen ON devices (last_seen_at);"

    "CREATE TABLE push_fanouts ("
    "  fanout_key INTEGER PRIMARY KEY,"
    "  conversation_key INTEGER NOT NULL REFERENCES conversations,"
    "  from_seq INTEGER NOT NULL,"
    "  to_seq INTEGER NOT NULL,"
    "  emergency INTEGER NOT NULL,"
    "  after_user_key INTEGER NOT NULL DEFAULT 0"
    ") STRICT;"
    "CREATE INDEX push_fanouts_emergency ON push_fanouts (emergency) WHERE emergency = 1;"

    "CREATE TABLE push_watches ("
    "  user_key INTEGER NOT NULL REFERENCES users,"
    "  conversation_key INTEGER NOT NULL REFERENCES conversations,"
    "  seq INTEGER NOT NULL,"
    "  emergency INTEGER NOT NULL,"
    "  wait INTEGER NOT NULL,"
    "  due_at INTEGER NOT NULL,"
    "  PRIMARY KEY (user_key, conversation_key, emergency)"
    ") WITHOUT ROWID, STRICT;"
    "CREATE INDEX push_watches_due ON push_watches (due_at);"

    "CREATE TABLE push_jobs ("
    "  job_key INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  id BLOB NOT NULL,"
    "  user_key INTEGER NOT NULL REFERENCES users,"
    "  conversation_key INTEGER NOT NULL REFERENCES conversations,"
    "  device_key INTEGER NOT NULL REFERENCES devices,"
    "  emergency INTEGER NOT NULL,"
    "  service INTEGER NOT NULL,"
    "  seq INTEGER NOT NULL,"
    "  attempts INTEGER NOT NULL DEFAULT 0,"
    "  claimed INTEGER NOT NULL DEFAULT 0,"
    "  due_at INTEGER NOT NULL,"
    "  created_at INTEGER NOT NULL,"
    "  error TEXT NOT NULL DEFAULT ''"
    ") STRICT;"
    "CREATE UNIQUE INDEX push_jobs_once ON push_jobs (user_key, conversation_key, device_key, emergency);"
    "CREATE INDEX push_jobs_due ON push_jobs (service, emergency, due_at) WHERE claimed = 0;"
    "CREATE INDEX push_jobs_claimed ON push_jobs (claimed) WHERE claimed = 1;"
    "CREATE INDEX push_jobs_age ON push_jobs (service, created_at);"

    "CREATE TABLE push_dead ("
    "  dead_key INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  user_key INTEGER NOT NULL REFERENCES users,"
    "  conversation_key INTEGER NOT NULL REFERENCES conversations,"
    "  device_key INTEGER NOT NULL REFERENCES devices,"
    "  emergency INTEGER NOT NULL,"
    "  service INTEGER NOT NULL,"
    "  seq INTEGER NOT NULL,"
    "  attempts INTEGER NOT NULL,"
    "  error TEXT NOT NULL,"
    "  created_at INTEGER NOT NULL,"
    "  died_at INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX push_dead_by_device ON push_dead (device_key);"

    "CREATE TABLE push_receipts ("
    "  receipt_key INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  device_key INTEGER NOT NULL REFERENCES devices,"
    "  service INTEGER NOT NULL,"
    "  receipt TEXT NOT NULL,"
    "  sent_at INTEGER NOT NULL,"
    "  due_at INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX push_receipts_due ON push_receipts (service, due_at);"

    "CREATE TABLE push_counts ("
    "  service INTEGER PRIMARY KEY,"
    "  waiting INTEGER NOT NULL DEFAULT 0,"
    "  dead INTEGER NOT NULL DEFAULT 0"
    ") STRICT;"
    "INSERT INTO push_counts (service) WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE "
    "i < 31)"
    "  SELECT i FROM n;"
    "CREATE TRIGGER push_jobs_added AFTER INSERT ON push_jobs BEGIN"
    "  UPDATE push_counts SET waiting = waiting + 1 WHERE service = NEW.service; END;"
    "CREATE TRIGGER push_jobs_gone AFTER DELETE ON push_jobs BEGIN"
    "  UPDATE push_counts SET waiting = waiting - 1 WHERE service = OLD.service; END;"
    "CREATE TRIGGER push_jobs_moved AFTER UPDATE OF service ON push_jobs BEGIN"
    "  UPDATE push_counts SET waiting = waiting + (service = NEW.service) - (service = OLD.service)"
    "   WHERE service IN (OLD.service, NEW.service); END;"
    "CREATE TRIGGER push_dead_added AFTER INSERT ON push_dead BEGIN"
    "  UPDATE push_counts SET dead = dead + 1 WHERE service = NEW.service; END;"
    "CREATE TRIGGER push_dead_gone AFTER DELETE ON push_dead BEGIN"
    "  UPDATE push_counts SET dead = dead - 1 WHERE service = OLD.service; END;";

/* Counting what somebody has not read, as every push does for its badge, looks at the index alone: four times cheaper
 * than at the rows. That each seq is there once is the writer's doing (message_add.c). */
static const char migration_4[] =
    "DROP INDEX messages_by_seq;"
    "CREATE INDEX messages_by_seq ON messages (conversation_key, seq, sender_key, deleted_at);";

/* An estate's people by name, whatever capitals they write: sorted and looked through in the index alone. */
static const char migration_5[] =
    "ALTER TABLE users ADD COLUMN first_name_folded TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE users ADD COLUMN last_name_folded TEXT NOT NULL DEFAULT '';"
    "UPDATE users SET first_name_folded = casefold(first_name), last_name_folded = casefold(last_name);"
    "CREATE INDEX users_by_name ON users (estate_key, status, first_name_folded, last_name_folded, id);";

/* How far messages have arrived at some device of the participant; before this nobody knew. */
static const char migration_6[] =
    "ALTER TABLE participants ADD COLUMN last_delivered_seq INTEGER NOT NULL DEFAULT 0;";

static const char *const migrations[] = {migration_1, migration_2, migration_3,
                                         migration_4, migration_5, migration_6};

enum { SCHEMA_VERSION = sizeof migrations / sizeof *migrations };

enum sio_err schema_err(int sqlite_code) {
    switch (sqlite_code & 0xff) {
    case SQLITE_OK: return SIO_ERR_OK;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return SIO_ERR_CORRUPT;
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY: return SIO_ERR_DENIED;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return SIO_ERR_IN_USE;
    default: return SIO_ERR_IO;
    }
}

static int64_t pragma_get(struct db *db, const char *sql) {
    struct query q = query_begin(db, sql);
    int64_t value = query_step(&q) ? query_get_i64(&q) : 0;
    query_end(&q);
    return value;
}

static bool migrate_one(struct db *db, int64_t version) {
    struct sio_strbuf pragmas;
    sio_strbuf_init(&pragmas);
    sio_strbuf_printf(&pragmas, "PRAGMA user_version = %lld; PRAGMA application_id = %d;", (long long)version,
                      APPLICATION_ID);
    bool ok = db_exec(db, "BEGIN EXCLUSIVE") && db_exec(db, migrations[version - 1]) &&
              db_exec(db, pragmas.p) && db_exec(db, "COMMIT");
    if (!ok && !sqlite3_get_autocommit(db->handle)) sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
    sio_strbuf_fini(&pragmas);
    return ok;
}

enum sio_err schema_migrate(struct db *db) {
    int64_t version = pragma_get(db, "PRAGMA user_version");
    int64_t application = pragma_get(db, "PRAGMA application_id");
    int64_t tables = pragma_get(db, "SELECT count(*) FROM sqlite_schema");
    if (db->error != SQLITE_OK) return schema_err(db->error);

    if (application != APPLICATION_ID && (version != 0 || tables != 0)) {
        sio_log_error(db->log, "store: the database file belongs to another program");
        return SIO_ERR_INVALID;
    }
    if (version > SCHEMA_VERSION) {
        sio_log_error(
            db->log,
            "store: the database has schema %lld and this program knows %d: a newer program is needed",
            (long long)version, (int)SCHEMA_VERSION);
        return SIO_ERR_INVALID;
    }
    while (version < SCHEMA_VERSION) {
        version++;
        if (!migrate_one(db, version)) {
            sio_log_error(db->log, "store: migration failed schema=%lld", (long long)version);
            return schema_err(db->error);
        }
        sio_log_info(db->log, "store: database migrated schema=%lld", (long long)version);
    }
    return SIO_ERR_OK;
}
