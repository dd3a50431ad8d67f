import { randomBytes, randomUUID } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createTemporaryDirectory, startServer } from '../faults/server-process.ts'
import { startCommand } from './command.ts'
import { killBackups } from './kill-backups.ts'

const megabyte = 1_000_000
const databaseBytes = 300 * megabyte

/** Posts a body, also after the server has closed an idle connection. */
async function post(url: string, body: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      const answer = await fetch(url, { method: 'POST', body })
      expect(answer.status).toBe(202)
      await answer.arrayBuffer()
      return
    } catch (error) {
      if (!(error instanceof TypeError) || attempt === 5) throw error
    }
  }
}

/** Sends events of random text, which no compression makes smaller, until the database is large. */
async function fill(api: string, file: string): Promise<void> {
  const sendLarge = async (): Promise<void> => {
    const title = randomBytes(700).toString('latin1')
    const events = Array.from({ length: 200 }, (_, index) => ({
      ...{ name: 'a', visitorId: `v${index}`, url: 'https://shop.example/', title },
      properties: { text: randomBytes(700).toString('base64') },
    }))
    await post(`${api}/sites/shop/events`, JSON.stringify({ events }))
  }
  while (statSync(file).size < databaseBytes)
    await Promise.all(Array.from({ length: 8 }, sendLarge))
}

/** Sends an event every 5 milliseconds until a promise resolves. Returns the times to the answers, sorted. */
async function measureAnswers(api: string, until: Promise<unknown>): Promise<number[]> {
  const times: number[] = []
  const pending: Promise<void>[] = []
  let isDone = false
  void until.then(() => (isDone = true))
  const send = async (): Promise<void> => {
    // The rate of one visitor is limited.
    const event = { name: 'page_view', url: 'https://shop.example/', visitorId: randomUUID() }
    const body = JSON.stringify(event)
    const startedAt = performance.now()
    await post(`${api}/sites/blog/events`, body)
    times.push(performance.now() - startedAt)
  }
  while (!isDone) {
    pending.push(send())
    await sleep(5)
  }
  await Promise.all(pending)
  return times.toSorted((a, b) => a - b)
}

const quantile = (times: readonly number[], share: number): number =>
  times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0

it('tidemark backup: of 300 MB delays no answer of the running server for long', async () => {
  const directory = createTemporaryDirectory()
  const data = join(directory, 'data')
  // No checkpoint empties the log.
  const { api } = await startServer(data, [], ['3600000'])
  await fill(api, join(data, 'tidemark.db'))
  const before = await measureAnswers(api, sleep(5000))
  const startedAt = performance.now()
  const made = startCommand(['backup', '--data', data, '--to', join(directory, 'backup.db')]).result
  const during = await measureAnswers(api, made)
  const seconds = (performance.now() - startedAt) / 1000
  expect(await made).toMatchObject({ code: 0, err: '' })
  const rows = [before, during].map(times => [0.5, 0.99, 1].map(share => quantile(times, share)))
  const [quiet = [], busy = []] = rows.map(row => row.map(ms => ms.toFixed(1)))
  process.stderr.write(
    `Backup of 300 MB in ${seconds.toFixed(1)} s. Time to a 202, p50/p99/max in ms: ` +
      `${quiet.join('/')} before, ${busy.join('/')} during.\n`,
  )
  expect(quantile(during, 0.99)).toBeLessThan(100 + 3 * quantile(before, 0.99))
})

it('tidemark backup: leaves complete files only, when it is killed twenty times', async () => {
  const delaysMs = Array.from({ length: 20 }, (_, index) => index * 6)
  expect(await killBackups(delaysMs)).toMatchObject({ events: 2000 })
})
