import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { installTimeoutMs, requireProgram, missingProgramReason } from '../../scripts/program.ts'
import {
  countPageViews,
  createPageViewSender,
  expectUnavailable,
  sendUntilRefused,
} from './page-view-sender.ts'
import { createTemporaryDirectory, startServer } from './server-process.ts'

let strace: string | undefined
beforeAll(async () => {
  strace = await requireProgram('strace')
}, installTimeoutMs)

/**
 * Range of writes to the store that fail with EROFS; each thread counts separately. ext4 returns this error when it
 * turns read-only after a fault while files are open. `mount` cannot do this to files that are open for writing, and
 * file modes are checked only on open. A server start makes fewer than `first` writes.
 */
const failingWrites = { first: 100, last: 149 }

/** Command prefix that makes the store's files temporarily read-only. The wrapped command keeps the process id. */
const withReadOnlyStore = (program: string, dataDir: string): string[] => [
  ...[program, '--daemonize', '--follow-forks', '-qq', '--output=/dev/null'],
  ...['tidemark.db', 'tidemark.db-wal'].map(name => `--trace-path=${join(dataDir, name)}`),
  '--trace=pwrite64',
  `--inject=pwrite64:error=EROFS:when=${failingWrites.first}..${failingWrites.last}`,
]

it('Server: on a read-only store, answers 503 with Retry-After, serves reads, and recovers by itself', async ({
  skip,
}) => {
  if (strace === undefined) return skip(missingProgramReason('strace'))
  const canTrace = spawnSync(strace, ['-qq', '--output=/dev/null', 'true']).status === 0
  skip(
    !canTrace,
    'strace lacks the permission to trace here; the test needs it to make the store read-only',
  )
  const dataDir = createTemporaryDirectory()
  const server = await startServer(dataDir, withReadOnlyStore(strace, dataDir))
  const { api } = server
  const sender = createPageViewSender(api)

  let answer = await sendUntilRefused(sender)
  const before = sender.accepted
  expect(before).toBeGreaterThan(5)
  // The frame may be published up to 250 ms after the event.
  await expect.poll(() => countPageViews(api), { timeout: 5000 }).toBe(before)
  let refused = 0
  while (answer.status !== 202) {
    await expectUnavailable(answer)
    // Each request tries at least one write.
    expect(++refused).toBeLessThanOrEqual(failingWrites.last - failingWrites.first + 1)
    expect(await countPageViews(api)).toBe(before)
    expect((await fetch(`${api}/sites/shop/metrics`)).status).toBe(200)
    expect((await fetch(`${api}/health`)).status).toBe(200)
    answer = await sender.send()
  }
  expect(refused).toBeGreaterThan(5)
  while (sender.accepted < 2 * before) expect((await sender.send()).status).toBe(202)
  await expect.poll(() => countPageViews(api), { timeout: 5000 }).toBe(2 * before)
  await server.kill()

  const restarted = await startServer(dataDir)
  expect(await countPageViews(restarted.api)).toBe(2 * before)
})
