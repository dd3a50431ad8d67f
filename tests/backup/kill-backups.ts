import { mkdirSync, readdirSync, watch } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import { type BackupResult, createBackup } from '../../packages/server/src/backup/create-backup.ts'
import { restoreBackup } from '../../packages/server/src/backup/restore-backup.ts'
import { createTemporaryDirectory, startServer } from '../faults/server-process.ts'
import { startCommand } from './command.ts'

const { signal } = new AbortController()
const clients = ['a', 'b', 'c', 'd']
const eventsPerClient = 500

/**
 * Kills backups of a running server, each at a time after its first write in milliseconds. Checks that every file with
 * a final name is a complete backup. Returns a backup that is made afterwards, of 2,000 events.
 */
export async function killBackups(delaysMs: readonly number[]): Promise<BackupResult> {
  const directory = createTemporaryDirectory()
  const [data, to] = [join(directory, 'data'), join(directory, 'backups')]
  mkdirSync(to)
  const { api } = await startServer(data)
  const events = Array.from({ length: eventsPerClient }, (_, index) => ({
    ...{ n: index + 1, name: `event ${index}` },
  }))
  for (const client of clients) {
    const body = JSON.stringify({ client, visitorId: client, events })
    const answer = await fetch(`${api}/sites/shop/events`, { method: 'POST', body })
    expect(answer.status).toBe(202)
  }
  const expected = { sites: 1, events: clients.length * eventsPerClient }
  for (const delayMs of delaysMs) {
    const { child, result } = startCommand(['backup', '--data', data, '--to', `${to}/`])
    await new Promise<void>(resolve => {
      const watcher = watch(to, () => resolve())
      onTestFinished(() => watcher.close())
    })
    await sleep(delayMs)
    child.kill('SIGKILL')
    await result
    for (const name of readdirSync(to).filter(each => each.endsWith('.db'))) {
      const dataDir = join(directory, `restored ${name} ${delayMs}`)
      expect(await restoreBackup({ file: join(to, name), dataDir, signal })).toMatchObject(expected)
    }
  }
  const options = {
    dataDir: data,
    file: join(to, 'last.db'),
    version: '1',
    now: Date.now(),
    signal,
  }
  return createBackup(options)
}
