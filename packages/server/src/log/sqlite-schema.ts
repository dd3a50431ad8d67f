import type { DatabaseSync } from 'node:sqlite'
import { createBlockWriter, compress } from './block.ts'

/** What each version makes of the one before it: an older file is brought up to date when it is opened. */
const migrations: readonly ((database: DatabaseSync) => void)[] = [
  database =>
    database.exec(`
      CREATE TABLE log (
        offset INTEGER PRIMARY KEY AUTOINCREMENT,
        site TEXT NOT NULL,
        received_at INTEGER NOT NULL,
        body TEXT NOT NULL,
        decision TEXT NOT NULL
      ) STRICT;
      CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    `),
  database =>
    database.exec(`
      CREATE TABLE site (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        log_offset INTEGER NOT NULL,
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
    `),
  database => {
    // `last` is the offset of a block's last record, and those of the others are right before it.
    database.exec(`
      CREATE TABLE block (
        last INTEGER PRIMARY KEY AUTOINCREMENT,
        count INTEGER NOT NULL,
        records BLOB NOT NULL
      ) STRICT;
    `)
    packLog(database)
    database.exec('DROP TABLE log')
  },
  database => {
    database.exec(`
      CREATE TABLE forgotten (
        site INTEGER NOT NULL,
        tier TEXT NOT NULL,
        before INTEGER NOT NULL,
        PRIMARY KEY (site, tier)
      ) STRICT, WITHOUT ROWID;
    `)
    markForgotten(database)
  },
]

/** The layout of the file, kept in `user_version`. A file with a greater number is of a newer Tidemark. */
const newest = migrations.length

/**
 * Brings the layout of a database up to date, or leaves it as it is.
 * @throws {Error} when it is of a newer Tidemark
 */
export function prepareSchema(database: DatabaseSync): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
  if (version > newest) {
    throw new Error(`it was written by a newer Tidemark (layout ${version}, known is ${newest})`)
  }
  if (version === newest) return
  database.exec('BEGIN IMMEDIATE')
  try {
    for (const step of migrations.slice(version)) step(database)
    database.exec(`PRAGMA user_version = ${newest}; COMMIT`)
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/**
 * Until layout 4 nobody wrote down what was forgotten. A coarser bucket in which no finer one is left says so: all
 * up to the first one after the last of these is taken for forgotten.
 */
function markForgotten(database: DatabaseSync): void {
  const mark = database.prepare(`
    WITH coarser AS (
      SELECT site, start, min(
        start + $length, lead(start, 1, start + $length) OVER (PARTITION BY site ORDER BY start)
      ) AS end
      FROM bucket WHERE tier = $coarser AND part = 'totals'
    ), ended AS (
      SELECT site, max(end) AS at FROM coarser
      WHERE NOT EXISTS (
        SELECT 1 FROM bucket
        WHERE site = coarser.site AND tier = $tier AND part = 'totals'
          AND start >= coarser.start AND start < coarser.end
      )
      GROUP BY site
    )
    INSERT INTO forgotten
    SELECT site, $tier, coalesce(
      (SELECT min(start) FROM bucket WHERE site = ended.site AND tier = $tier AND start >= at), at
    )
    FROM ended
  `)
  const hourMs = 60 * 60_000
  // No day is longer.
  mark.run({ tier: 'hour', coarser: 'day', length: 25 * hourMs })
  mark.run({ tier: 'minute', coarser: 'hour', length: hourMs })
  // Where hours are gone, minutes are.
  database.exec(`
    INSERT INTO forgotten SELECT site, 'minute', before FROM forgotten WHERE tier = 'hour'
    ON CONFLICT DO UPDATE SET before = max(before, excluded.before)
  `)
}

/** Until layout 3 each record was a row, as it came. Offsets go on where they were. */
function packLog(database: DatabaseSync): void {
  database.exec(
    "INSERT INTO sqlite_sequence SELECT 'block', seq FROM sqlite_sequence WHERE name = 'log'",
  )
  const insert = database.prepare('INSERT INTO block VALUES (?, 1, ?)')
  const writer = createBlockWriter()
  for (const row of database.prepare('SELECT * FROM log').iterate()) {
    writer.add({
      site: String(row['site']),
      receivedAt: Number(row['received_at']),
      body: String(row['body']),
      decision: String(row['decision']),
    })
    const block = writer.drain()
    insert.run(Number(row['offset']), compress(block.bytes))
    writer.release(block)
  }
}
