import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { createBackup } from '../../packages/server/src/backup/create-backup.ts'
import { restoreBackup } from '../../packages/server/src/backup/restore-backup.ts'
import { createTemporaryDirectory, startServer } from '../faults/server-process.ts'
import { startCommand } from './command.ts'
import { killBackups } from './kill-backups.ts'

// Processes start slowly on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

interface Counts {
  /** Numbers of the events that the server counts. */
  numbers: number[]
  total: number
}

/** Reads the events of a server that `sendNumbered` has sent. */
async function readCounts(api: string): Promise<Counts> {
  const to = Date.now() + 60_000
  const query = `by=name&limit=1000&from=${to - 7_200_000}&to=${to}`
  const answer = await fetch(`${api}/sites/shop/metrics?${query}`)
  const { rows = [], totals } = (await answer.json()) as {
    rows?: { name: string; events: number }[]
    totals: { events: number }
  }
  return {
    numbers: rows.flatMap(({ name, events }) => Array<number>(events).fill(Number(name))),
    total: totals.events,
  }
}

/** Sends events with the names 1, 2, 3, … one after another until `stop` is called. */
function sendNumbered(api: string) {
  let isStopped = false
  let answered = 0
  async function send(): Promise<void> {
    while (!isStopped && answered < 900) {
      // The names of a list are limited to a thousand.
      await sleep(3)
      const n = answered + 1
      const body = JSON.stringify({ client: 'c', events: [{ n, name: String(n), visitorId: 'v' }] })
      const answer = await fetch(`${api}/sites/shop/events`, { method: 'POST', body })
      expect(answer.status).toBe(202)
      answered++
    }
  }
  const done = send()
  return {
    get answered() {
      return answered
    },
    stop(): Promise<void> {
      isStopped = true
      return done
    },
  }
}

const range = (to: number): number[] => Array.from({ length: to }, (_, index) => index + 1)

it('tidemark backup: has the events up to one moment, while a server stores numbered events', async () => {
  const directory = createTemporaryDirectory()
  const data = join(directory, 'data')
  // Frequent checkpoints, so that the backup meets some.
  const { api } = await startServer(data, [], ['15'])
  const sender = sendNumbered(api)
  await expect.poll(() => sender.answered, { timeout: 20_000 }).toBeGreaterThan(20)
  const before = sender.answered
  const [file, restored] = [join(directory, 'backup.db'), join(directory, 'restored')]
  const made = await startCommand(['backup', '--data', data, '--to', file, '--json']).result
  await sender.stop()
  expect(made).toMatchObject({ code: 0, err: '' })
  const { events } = JSON.parse(made.out) as { events: number }
  expect(events).toBeGreaterThanOrEqual(before)
  expect(events).toBeLessThanOrEqual(sender.answered)
  await restoreBackup({ file, dataDir: restored, signal: new AbortController().signal })
  const second = await startServer(restored)
  const counts = await readCounts(second.api)
  expect(counts.numbers.toSorted((x, y) => x - y)).toEqual(range(events))
  expect(counts.total).toBe(events)
  const { numbers } = await readCounts(api)
  expect(numbers.toSorted((x, y) => x - y)).toEqual(range(sender.answered))
})

it('tidemark backup: leaves no file under the final name when it is killed', async () => {
  expect(await killBackups([10])).toMatchObject({ events: 2000 })
})

// Only Linux has a command that limits the size of files.
const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0

it.skipIf(!hasPrlimit)(
  'tidemark backup and restore: on a full disk, fail with one line and leave no file (needs prlimit)',
  async () => {
    const directory = createTemporaryDirectory()
    const data = join(directory, 'data')
    const { api } = await startServer(data)
    const body = JSON.stringify({ name: 'a', title: 'x'.repeat(300) })
    await fetch(`${api}/sites/shop/events`, { method: 'POST', body })
    const limit = ['prlimit', '--fsize=30000']
    const file = join(directory, 'backup.db')
    const full = await startCommand(['backup', '--data', data, '--to', file], limit).result
    expect(full).toMatchObject({ code: 1, out: '' })
    expect(full.err).toMatch(/^tidemark: .* (?:is full|cannot be copied to) .*--to\.\n$/)
    expect(readdirSync(directory)).toEqual(['data'])

    const { signal } = new AbortController()
    await createBackup({ dataDir: data, file, version: '1', now: Date.now(), signal })
    const words = ['restore', '--from', file, '--data', join(directory, 'restored')]
    const second = await startCommand(words, limit).result
    expect(second).toMatchObject({ code: 1, out: '' })
    expect(second.err).toMatch(/^tidemark: .*cannot be restored.*\n$/)
    expect(readdirSync(directory).toSorted()).toEqual(['backup.db', 'data'])
  },
)
