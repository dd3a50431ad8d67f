import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { DamagedParts } from '../log/store.ts'

/*
 * A backup is one file: the database of the log without free pages, with two more tables. `backup_file` has the other
 * files of the data directory, and `backup` has the manifest.
 */

/** Version of the tables below. */
export const backupFormat = 1

/** Description of a backup's content. */
export interface BackupFacts {
  readonly format: number
  /** Version of Tidemark that made the backup. */
  readonly version: string
  /** Time of the backup, in milliseconds since 1970. */
  readonly createdAt: number
  readonly sites: number
  /** Events in the history of all sites, without those of bots. */
  readonly events: number
  /** Milliseconds since 1970; `null` without events. */
  readonly lastEventAt: number | null
  /** Damaged buckets of the data directory, which the backup contains as they are. */
  readonly damagedParts: readonly DamagedParts[]
  /** Damaged blocks of the log in the data directory. */
  readonly lostWrites: number
}

/** A file of the data directory besides the database. */
export interface BackupFile {
  /** Path in the data directory, with slashes. */
  readonly path: string
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
  readonly bytes: Uint8Array
}

export function writeBackupTables(database: DatabaseSync, files: readonly BackupFile[]): void {
  database.exec(`
    CREATE TABLE backup_file (path TEXT PRIMARY KEY, modified_at REAL NOT NULL, data BLOB NOT NULL) STRICT;
    CREATE TABLE backup (manifest TEXT NOT NULL) STRICT;
  `)
  const insert = database.prepare('INSERT INTO backup_file VALUES (?, ?, ?)')
  for (const { path, modifiedAt, bytes } of files) insert.run(path, modifiedAt, bytes)
}

/** Writes the manifest: the facts, and a hash of the facts and of all other content. */
export function writeManifest(database: DatabaseSync, facts: BackupFacts): void {
  const digest = digestOf(database, JSON.stringify(facts))
  const insert = database.prepare('INSERT INTO backup VALUES (?)')
  insert.run(JSON.stringify({ digest, facts }))
}

/**
 * Reads the manifest, and compares the content with its hash.
 * @returns `undefined` when the content has changed since the backup
 * @throws {Error} when the database has no manifest
 */
export function readManifest(database: DatabaseSync): BackupFacts | undefined {
  const text = String(database.prepare('SELECT manifest FROM backup').get()?.['manifest'])
  try {
    const { digest, facts } = JSON.parse(text) as { digest: unknown; facts: BackupFacts }
    return digest === digestOf(database, JSON.stringify(facts)) ? facts : undefined
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined
    throw error
  }
}

export function isBackup(database: DatabaseSync): boolean {
  const select = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'backup'")
  return select.get() !== undefined
}

export function readFiles(database: DatabaseSync): BackupFile[] {
  const rows = database.prepare('SELECT path, modified_at, data FROM backup_file').all()
  return rows.flatMap(row => {
    const { data: bytes } = row
    if (!(bytes instanceof Uint8Array)) return []
    return [{ path: String(row['path']), modifiedAt: Number(row['modified_at']), bytes }]
  })
}

export function dropBackupTables(database: DatabaseSync): void {
  database.exec('DROP TABLE backup; DROP TABLE backup_file')
}

/** Computes the hash of a text, and of the schema and the rows of all tables except `backup`. */
function digestOf(database: DatabaseSync, text: string): string {
  const hash = createHash('sha256').update(text)
  const version = database.prepare('PRAGMA user_version').get()?.['user_version']
  hash.update(`\n${String(version)}`)
  const tables = database
    .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name <> 'backup'")
    .all()
  for (const { name, sql } of tables) {
    hash.update(`\n${String(sql)}`)
    const select = database.prepare(`SELECT * FROM "${String(name).replaceAll('"', '""')}"`)
    select.setReadBigInts(true)
    for (const row of select.iterate()) {
      for (const value of Object.values(row)) {
        const bytes = value instanceof Uint8Array ? value : Buffer.from(String(value))
        // The type and the length separate values, so that no two contents are the same sequence of bytes.
        hash.update(`\n${typeof value} ${bytes.length} `).update(bytes)
      }
    }
  }
  return hash.digest('hex')
}
