/* The database's tables, brought up step by step by numbered migrations. */
#pragma once
#include "base/err.h"
#include "store/sqlite/query.h"

/* Runs the migrations that this database lacks, each in one transaction. ERR_INVALID: it is newer than this
 * program, or not ours; ERR_CORRUPT, ERR_IO. A line in the log says more. */
enum err schema_migrate(struct db *db) MUST_CHECK;

/* What a failure of SQLite means to somebody who opens a store. */
enum err schema_err(int sqlite_code);
