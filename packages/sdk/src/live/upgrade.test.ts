import { afterEach, expect, it, vi } from 'vitest'
import { createReader } from './reader.ts'
import { createFakeServer } from './testing/fake-server.ts'
import { connectMs } from './testing/scenario.ts'
import { startUpgrade } from './upgrade.ts'

afterEach(() => void vi.useRealTimers())

// All else about upgrading is seen in what a client does.
it('an upgrade that is refused ends by itself, whoever started it', async () => {
  const server = createFakeServer()
  const losses: boolean[] = []
  startUpgrade({
    platform: server.platform,
    url: 'ws://stats.test/api/sites/shop/realtime/ws',
    reader: createReader(),
    selection: () => ({ channels: ['currentVisitors'], minutes: 5 }),
    onNews() {},
    onProved() {},
    onLost: refused => losses.push(refused),
  })
  await server.clock.advance(connectMs)
  server.socket.end(4403)
  await server.clock.advance(600_000)

  expect(losses).toEqual([true])
  expect(server.count('connect')).toBe(1)
  expect(server.clock.pending).toBe(0)
})
