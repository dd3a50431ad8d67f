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
 * Which writes to the store fail, as each thread counts its own, with what the system says when a file system
 * turned read-only under open files, as ext4 does after an error. No `mount` does that to files that are open
 * for writing, and modes are asked for when a file is opened, so neither of them could show it. A start makes
 * fewer writes than the first.
 */
const failing = { first: 100, last: 149 }

/** A wrapper for a command whose files in a folder are read-only meanwhile. It stays the process that we start. */
const withReadOnlyStore = (program: string, dataDir: string): string[] => [
  ...[program, '--daemonize', '--follow-forks', '-qq', '--output=/dev/null'],
  ...['tidemark.db', 'tidemark.db-wal'].map(name => `--trace-path=${join(dataDir, name)}`),
  '--trace=pwrite64',
  `--inject=pwrite64:error=EROFS:when=${failing.first}..${failing.last}`,
]

it('store turned read-only: 503 with Retry-After, reads go on, recovers by itself', async ({
  skip,
}) => {
  if (strace === undefined) return skip(missingProgramReason('strace'))
  const mayTrace = spawnSync(strace, ['-qq', '--output=/dev/null', 'true']).status === 0
  skip(!mayTrace, 'strace may not trace here, so nothing can make the store read-only')
  const dataDir = createTemporaryDirectory()
  const server = await startServer(dataDir, withReadOnlyStore(strace, dataDir))
  const { api } = server
  const sender = createPageViewSender(api)

  let answer = await sendUntilRefused(sender)
  const before = sender.accepted
  expect(before).toBeGreaterThan(5)
  // A frame may be due up to 250 ms after the event.
  await expect.poll(() => countPageViews(api), { timeout: 5000 }).toBe(before)
  let refused = 0
  while (answer.status !== 202) {
    await expectUnavailable(answer)
    // Each tries to write at least once.
    expect(++refused).toBeLessThanOrEqual(failing.last - failing.first + 1)
    expect(await countPageViews(api)).toBe(before)
    expect((await fetch(`${api}/sites/shop/metrics`)).status).toBe(200)
    expect((await fetch(`${api}/health`)).status).toBe(200)
    answer = await sender.send()
  }
  expect(refused).toBeGreaterThan(5)
  while (sender.accepted < 2 * before) expect((await sender.send()).status).toBe(202)
  await expect.poll(() => countPageViews(api), { timeout: 5000 }).toBe(2 * before)
  await server.kill()

  const again = await startServer(dataDir)
  expect(await countPageViews(again.api)).toBe(2 * before)
})
