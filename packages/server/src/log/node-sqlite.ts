import process from 'node:process'
import { explainNode } from '../shared/node-version.ts'

/*
 * SQLite of Node. A static import of `node:sqlite` would fail in an older Node before any code runs, with an error that
 * does not tell which Node is needed.
 */

// oxlint-disable-next-line typescript/consistent-type-imports -- a value import would load the module
type Sqlite = typeof import('node:sqlite')

export type DatabaseSync = InstanceType<Sqlite['DatabaseSync']>
export const DatabaseSync: Sqlite['DatabaseSync'] = loadSqlite().DatabaseSync

/** @throws {Error} in a Node that cannot run the server */
function loadSqlite(): Sqlite {
  const { node } = process.versions
  const reason = explainNode(node)
  if (reason !== undefined) throw new Error(reason)
  const sqlite: Sqlite | undefined = process.getBuiltinModule('node:sqlite')
  if (sqlite) return sqlite
  throw new Error(
    `Tidemark needs node:sqlite, which an option of this process turns off. This is Node ${node}.`,
  )
}
