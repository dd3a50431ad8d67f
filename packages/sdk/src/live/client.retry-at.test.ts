import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type FakeServer, createFakeServer } from './testing/fake-server.ts'
import { openClient, snapshotAt } from './testing/scenario.ts'

const pollIntervalMs = 5000

let server: FakeServer
beforeEach(() => void (server = createFakeServer()))
afterEach(() => void vi.useRealTimers())

const openPolling = () => openClient(server, ['currentVisitors'], { transports: [] })

describe('createLiveClient: status.retryAt', () => {
  it('is the time of the next poll after a failed one', async () => {
    const { client } = await openPolling()
    expect(client.view.status.retryAt).toBeUndefined()
    server.answerPolls(() => 'failure')
    await server.clock.flush()
    const { retryAt = 0 } = client.view.status
    const polls = server.log.filter(({ kind }) => kind === 'poll').length
    expect(retryAt).toBeGreaterThanOrEqual(server.clock.now() + pollIntervalMs)
    await server.clock.advance(retryAt - server.clock.now() - 1)
    expect(server.log.filter(({ kind }) => kind === 'poll')).toHaveLength(polls)
    await server.clock.advance(1)
    expect(server.log.filter(({ kind }) => kind === 'poll')).toHaveLength(polls + 1)
  })

  it('is undefined while a poll is running, and after one has succeeded', async () => {
    const { client } = await openPolling()
    server.poll.answer('failure')
    await server.clock.flush()
    const { retryAt = 0 } = client.view.status
    await server.clock.advance(retryAt - server.clock.now())
    expect(client.view.status.retryAt).toBeUndefined()
    server.poll.answer(snapshotAt('7.3'))
    await server.clock.flush()
    expect(client.view.status).toMatchObject({ retryAt: undefined, error: undefined })
  })
})
