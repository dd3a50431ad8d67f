import { once } from 'node:events'
import { type Socket, connect } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { createTestServer } from './testing/server.ts'

const head = 'POST /api/sites/shop/events HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n'

/** Opens a port, and a connection with a request whose body has begun. */
async function openUnfinished(): Promise<{
  tidemark: ReturnType<typeof createTestServer>['tidemark']
  socket: Socket
  closed: Promise<unknown>
}> {
  const { tidemark } = createTestServer()
  const { port, url } = await tidemark.listen({ port: 0 })
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  socket.resume()
  const closed = new Promise(resolve => void socket.once('close', resolve))
  await once(socket, 'connect')
  socket.write(`${head}{`)
  await (await fetch(`${url}/api/health`)).text()
  return { tidemark, socket, closed }
}

it('Tidemark.close: ends a request that never ends at the deadline of the drain', async () => {
  const { tidemark, socket, closed } = await openUnfinished()
  const sending = setInterval(() => socket.write(' '), 20)
  onTestFinished(() => clearInterval(sending))
  const startedAt = performance.now()
  await tidemark.close({ drainMs: 1600 })
  // It has the time without the reserve for storing: a quarter.
  expect(performance.now() - startedAt).toBeGreaterThan(1100)
  await closed
})

it('Tidemark.close: ends a client that stalls long before the deadline', async () => {
  const { tidemark, closed } = await openUnfinished()
  const startedAt = performance.now()
  await tidemark.close({ drainMs: 60_000 })
  expect(performance.now() - startedAt).toBeLessThan(30_000)
  await closed
}, 40_000)
