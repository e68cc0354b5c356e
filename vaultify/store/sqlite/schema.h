/* The database's tables, brought up step by step by numbered migrations. */
#pragma once
#include "sio_err.h"
#include "store/sqlite/query.h"

/* Runs the migrations that this database lacks, each in one transaction. SIO_ERR_INVALID: it is newer than this
 * program, or not ours; SIO_ERR_CORRUPT, SIO_ERR_IO. A line in the log says more. */
enum sio_err schema_migrate(struct db *db) SIO_MUST_CHECK;

/* What a failure of SQLite means to somebody who opens a store. */
enum sio_err schema_err(int sqlite_code);
