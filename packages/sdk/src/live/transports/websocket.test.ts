import { afterEach, expect, it, vi } from 'vitest'
import { createReader } from '../reader.ts'
import type { ConnectionLoss } from './transport.ts'
import { createFakeServer } from '../testing/fake-server.ts'
import { connectMs } from '../testing/scenario.ts'
import { createTokenProvider } from '../token.ts'
import { openWebSocketTransport } from './websocket.ts'

afterEach(() => void vi.useRealTimers())

// The tests of the client cover everything else.
it('openWebSocketTransport: stops by itself when the server refuses it', async () => {
  const server = createFakeServer()
  const losses: ConnectionLoss[] = []
  openWebSocketTransport({
    platform: server.platform,
    siteUrl: 'http://stats.test/api/sites/shop',
    token: createTokenProvider(undefined),
    reader: createReader(),
    selection: () => ({ channels: ['currentVisitors'], minutes: 5, paths: [], properties: [] }),
    onActivity() {},
    onVerified() {},
    onLost: loss => losses.push(loss),
  })
  await server.clock.advance(connectMs)
  server.socket.end(4403)
  await server.clock.advance(600_000)

  expect(losses).toEqual([{ reason: 'refused', retryAfterMs: 0 }])
  expect(server.count('connect')).toBe(1)
  expect(server.clock.pending).toBe(0)
})
