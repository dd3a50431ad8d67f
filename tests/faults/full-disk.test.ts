import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import {
  countPageViews,
  createPageViewSender,
  expectUnavailable,
  sendUntilRefused,
} from './page-view-sender.ts'
import { createTemporaryDirectory, startServer } from './server-process.ts'

// Only Linux has a command that changes the file size limit of a running process.
const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0

it.skipIf(!hasPrlimit)(
  'Server: on a full disk, answers 503 with Retry-After, serves reads, and recovers by itself (needs prlimit)',
  async () => {
    const dataDir = createTemporaryDirectory()
    const limit = ['prlimit', '--fsize=262144:unlimited']
    const { child, api } = await startServer(dataDir, limit)
    const sender = createPageViewSender(api, 'x'.repeat(10_000))

    let answer = await sendUntilRefused(sender)
    expect(sender.accepted).toBeGreaterThan(5)
    const readiness = async (): Promise<number> => (await fetch(`${api}/ready`)).status
    expect(await readiness()).toBe(503)
    for (let attempt = 0; attempt < 3; attempt++) {
      await expectUnavailable(answer)
      answer = await sender.send()
    }
    // The frame may be published up to 250 ms after the event.
    await expect.poll(() => countPageViews(api), { timeout: 5000 }).toBe(sender.accepted)
    expect((await fetch(`${api}/health`)).status).toBe(200)

    spawnSync('prlimit', ['--pid', String(child.pid), '--fsize=unlimited'])
    // Without any request: the server tries to write every second.
    await expect.poll(readiness, { timeout: 5000 }).toBe(200)
    expect((await sender.send()).status).toBe(202)
    await expect.poll(() => countPageViews(api), { timeout: 5000 }).toBe(sender.accepted)
    child.kill('SIGKILL')

    const restarted = await startServer(dataDir)
    expect(await countPageViews(restarted.api)).toBe(sender.accepted)
  },
)
