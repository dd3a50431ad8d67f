import process from 'node:process'
import { LogUnavailableError } from '../log/log.ts'
import { createSqliteLog } from '../log/sqlite.ts'

/**
 * A process that appends to the log at a path, several records at a time and without end, and says of
 * each what became of it: `ok 7 12` for the seventh record at offset 12, `failed 7` for one that could
 * not be written. Its records are `<name> 7`. It is run by tests, which kill it.
 */
const [path = '', name = ''] = process.argv.slice(2)
const recordsAtOnce = 5

const log = createSqliteLog({ path, now: Date.now() })
// Long enough that a disk fills within a few of them.
const padding = 'x'.repeat(2000)

async function append(number: number): Promise<void> {
  const body = `${name} ${number} ${padding}`
  try {
    const offset = await log.append({ site: 'a', receivedAt: Date.now(), body, decision: '{}' })
    process.stdout.write(`ok ${number} ${offset}\n`)
  } catch (error) {
    if (!(error instanceof LogUnavailableError)) throw error
    let count = 0
    for await (const { offset } of log.read(0)) if (offset > 0) count++
    process.stdout.write(`failed ${number}, can read ${count}\n`)
  }
}

for (let next = 1; ; next += recordsAtOnce) {
  await Promise.all(Array.from({ length: recordsAtOnce }, (_, index) => append(next + index)))
}
