import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type FakeServer, createFakeServer } from './testing/fake-server.ts'
import { FakeSocket } from './testing/fake-socket.ts'
import {
  connectMs,
  goLive,
  lastSubscription,
  problem,
  snapshotAt,
  type OpenClient,
  openClient,
} from './testing/scenario.ts'

let server: FakeServer
beforeEach(() => void (server = createFakeServer()))
afterEach(() => void vi.useRealTimers())

/** Does everything that might make a client send a request. */
async function provoke({ client }: OpenClient): Promise<void> {
  await client.refresh()
  client.subscribe(['pageViews'], () => {})
  server.page.hide()
  server.page.show()
  server.page.signal()
  server.page.goOffline()
  server.page.goOnline()
  await server.clock.advance(3_600_000)
}

describe.each([
  ['401', () => new Response('', { status: 401 })],
  ['403', () => problem('refused')],
  ['403 for a forbidden selection', () => problem('selection_forbidden')],
])('createLiveClient: poll with status %s', (_, answer) => {
  it('sends no further request', async () => {
    const watched = await openClient(server)
    server.answerPolls(answer)
    await server.clock.flush()
    await provoke(watched)

    expect(server.log).toHaveLength(1)
    expect(watched.client.view.status).toMatchObject({
      phase: 'idle',
      transport: 'none',
      unauthorized: true,
    })
    expect(watched.client.view.status.error).toBeDefined()
    expect(server.clock.pending).toBe(0)
  })

  it('closes a connection that is being verified', async () => {
    const watched = await openClient(server)
    server.answerPolls(() => snapshotAt('7.3'))
    await server.clock.advance(connectMs)
    server.answerPolls(answer)
    await server.clock.advance(5000)
    expect(server.socket.readyState).toBe(FakeSocket.CLOSED)

    const requests = server.count('poll') + server.count('connect')
    await provoke(watched)
    expect(server.count('poll') + server.count('connect')).toBe(requests)
  })

  it('closes a live connection', async () => {
    const watched = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3', { currentVisitors: 3 }))
    server.answerPolls(answer)
    await watched.client.refresh()
    expect(socket.readyState).not.toBe(FakeSocket.OPEN)
    expect(watched.client.view.state).toEqual({ currentVisitors: 3 })
    expect(watched.client.view.status.unauthorized).toBe(true)
  })
})

describe('createLiveClient: a subscription that is forbidden', () => {
  it('ends a live connection after one poll, which reports the reason', async () => {
    const watched = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3', { currentVisitors: 3 }))
    const polls = server.count('poll')
    watched.client.subscribe(['recentEvents'], () => {})
    await server.clock.flush()
    socket.deliver({
      type: 'error',
      id: lastSubscription(server),
      code: 'selection_forbidden',
      detail: 'The channel "recentEvents" may not be read.',
    })
    server.answerPolls(() => problem('selection_forbidden'))
    await server.clock.flush()
    await provoke(watched)

    expect(server.count('poll')).toBe(polls + 1)
    expect(server.count('connect')).toBe(1)
    expect(watched.client.view.status).toMatchObject({ unauthorized: true })
    expect(watched.client.view.status.error?.code).toBe('selection_forbidden')
    expect(server.clock.pending).toBe(0)
  })

  it.each(['sse', 'long-poll'] as const)('ends %s without a retry', async transport => {
    const watched = await openClient(server, ['currentVisitors'], { transports: [transport] })
    server.answerPolls(() => snapshotAt('7.3'))
    await server.clock.advance(connectMs)
    server.answerPolls(() => problem('selection_forbidden'))
    await provoke(watched)
    const requests = server.log.length
    await provoke(watched)
    expect(server.log).toHaveLength(requests)
    expect(watched.client.view.status.unauthorized).toBe(true)
  })
})

describe.each([4401, 4403])('createLiveClient: connection closed with %i', code => {
  it('sends no further request', async () => {
    const watched = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3', { currentVisitors: 3 }))
    const requests = server.log.length
    socket.end(code)
    await provoke(watched)

    expect(server.log).toHaveLength(requests)
    expect(watched.client.view.state).toEqual({ currentVisitors: 3 })
    expect(watched.client.view.status).toMatchObject({ phase: 'idle', unauthorized: true })
    expect(server.clock.pending).toBe(0)
  })

  it('cancels the poll in flight when the connection was not yet live', async () => {
    await openClient(server)
    server.answerPolls(() => snapshotAt('7.3'))
    await server.clock.advance(connectMs)
    server.pausePolls()
    await server.clock.advance(5000)
    server.socket.end(code)

    expect(server.poll.isAborted).toBe(true)
  })

  it('stops polling when the connection was not yet live', async () => {
    const watched = await openClient(server)
    server.answerPolls(() => snapshotAt('7.3'))
    await server.clock.advance(connectMs)
    const requests = server.count('poll') + server.count('connect')
    server.socket.end(code)
    await provoke(watched)

    expect(server.count('poll') + server.count('connect')).toBe(requests)
    expect(watched.client.view.status.unauthorized).toBe(true)
  })
})

describe.each([1000, 1001, 1006, 1011, 4400, 4408, 4409, 4413, 4429, 4503])(
  'createLiveClient: connection closed with %i',
  code => {
    it('reconnects', async () => {
      const { client } = await openClient(server)
      const socket = await goLive(server, snapshotAt('7.3'))
      server.answerPolls(() => snapshotAt('7.3'))
      socket.end(code)
      await server.clock.advance(1000 + connectMs)

      expect(server.count('connect')).toBe(2)
      expect(client.view.status.unauthorized).toBe(false)
    })
  },
)

describe('createLiveClient: refused client', () => {
  it('still reports when its data becomes stale', async () => {
    const { client } = await openClient(server)
    const socket = await goLive(server, snapshotAt('7.3', { currentVisitors: 3 }))
    socket.end(4403)
    await server.clock.flush()
    expect(client.view.status.stale).toBe(false)

    await server.clock.advance(60_000)
    expect(client.view.status.stale).toBe(true)
  })
})
