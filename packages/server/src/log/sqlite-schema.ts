import type { DatabaseSync } from 'node:sqlite'

/** Version of the schema below, stored in `user_version`. */
const schemaVersion = 3

const schema = `
  CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  -- The log. \`last\` is the offset of the last record in a block. The offsets of the other records directly precede it.
  CREATE TABLE block (
    last INTEGER PRIMARY KEY AUTOINCREMENT,
    count INTEGER NOT NULL,
    records BLOB NOT NULL
  ) STRICT;

  -- The store. Each BLOB ends in a checksum; see checksum.ts.
  CREATE TABLE site (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    log_offset INTEGER NOT NULL,
    -- Number of segments.
    segments INTEGER NOT NULL,
    state BLOB NOT NULL
  ) STRICT;
  CREATE TABLE segment (
    site INTEGER NOT NULL,
    name TEXT NOT NULL,
    id INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (site, name, id)
  ) STRICT;
  CREATE TABLE bucket (
    site INTEGER NOT NULL,
    tier TEXT NOT NULL,
    part TEXT NOT NULL,
    start INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (site, tier, part, start)
  ) STRICT;
  -- Number of buckets, and sum of their starts in minutes: a lost row changes them.
  CREATE TABLE tally (
    site INTEGER NOT NULL,
    tier TEXT NOT NULL,
    part TEXT NOT NULL,
    count INTEGER NOT NULL,
    minutes INTEGER NOT NULL,
    PRIMARY KEY (site, tier, part)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE damaged (
    site TEXT NOT NULL,
    tier TEXT NOT NULL,
    part TEXT NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    PRIMARY KEY (site, tier, part, start)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE incomplete (
    site INTEGER NOT NULL,
    tier TEXT NOT NULL,
    before INTEGER NOT NULL,
    PRIMARY KEY (site, tier)
  ) STRICT, WITHOUT ROWID;

  -- The last import of a site, and the rows that it replaced. See sqlite-replaced.ts.
  CREATE TABLE import (
    site INTEGER PRIMARY KEY,
    id INTEGER NOT NULL,
    log INTEGER NOT NULL,
    finished INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE replaced (
    site INTEGER NOT NULL,
    -- bucket, segment or incomplete
    kind TEXT NOT NULL,
    -- Tier, or table of the segment.
    name TEXT NOT NULL,
    part TEXT NOT NULL,
    -- Start of the bucket, or ID of the segment.
    id INTEGER NOT NULL,
    -- The row before the import; NULL for a row that the import added.
    data ANY,
    -- Checksum of the row after the import; NULL for a row that it deleted.
    written ANY,
    PRIMARY KEY (site, kind, name, part, id)
  ) STRICT;
`

/**
 * Creates the tables in an empty database, and checks the version of any other database.
 * @throws {Error} when the database has another schema version, or belongs to another program
 */
export function prepareSchema(database: DatabaseSync): void {
  if (hasSchema(database)) return
  database.exec('BEGIN IMMEDIATE')
  try {
    database.exec(`${schema} PRAGMA user_version = ${schemaVersion}; COMMIT`)
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/**
 * Returns whether a database has this schema; `false` for an empty database.
 * @throws {Error} when the database has another schema version, or belongs to another program
 */
export function hasSchema(database: DatabaseSync): boolean {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
  if (version === schemaVersion) return true
  if (version !== 0) {
    throw new Error(
      `it was written by another version of Tidemark (schema version ${version}; this one supports version ` +
        `${schemaVersion}). Open it with the version that wrote it, or move it away`,
    )
  }
  if (database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get()) {
    throw new Error('it is a database of another program. Move it away')
  }
  return false
}
