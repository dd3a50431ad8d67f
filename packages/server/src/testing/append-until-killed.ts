import process from 'node:process'
import { LogUnavailableError } from '../log/log.ts'
import { createSqliteLog } from '../log/sqlite.ts'

/**
 * A process that appends records to the log at a path until a test kills it, several at a time. It prints the result
 * of each: `ok 7 12` for the seventh record at offset 12, `failed 7` when the write failed. Its records are `<name> 7`.
 */
const [path = '', name = ''] = process.argv.slice(2)
const recordsAtOnce = 5

const log = createSqliteLog({ path, now: Date.now() })
// Large, so that a few records fill the disk.
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
