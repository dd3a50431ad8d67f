import type { EventProperty, State } from '@tidemark/protocol'
import { type LiveView, createLiveClient } from '@tidemark/sdk/live'
import { expect, it, onTestFinished } from 'vitest'
import { select } from './selections.ts'
import { startTestServer } from './test-server.ts'

const plan: EventProperty = { event: 'page_view', property: 'plan' }
/** Timeout for network and server work, in milliseconds. */
const networkWait = { timeout: 10_000, interval: 10 }
const odd: EventProperty = { event: 'shop.buy\\', property: '__proto__' }

it.each(['websocket', 'sse', 'poll'] as const)(
  'Live client: reads the properties of two subscribers by %s, as a snapshot has them',
  async transport => {
    const server = await startTestServer('memory')
    onTestFinished(server.close)
    const transports = transport === 'poll' ? [] : [transport]
    const client = createLiveClient({
      ...{ baseUrl: `${server.url}/api`, siteId: 'shop', transports, pollIntervalMs: 100 },
    })
    let view: LiveView = client.view
    const listener = (next: LiveView): void => void (view = next)
    const leave = client.subscribe(['properties'], listener, { properties: [plan] })
    onTestFinished(leave)
    await expect
      .poll(() => {
        // The heartbeat verifies a stream.
        server.clock.advance(1000)
        return view.status.transport
      }, networkWait)
      .toBe(transport)

    async function expectSynchronized(properties: EventProperty[]): Promise<State> {
      const selection = select(['properties'], 5, [], properties)
      const read = await server.read(selection)
      await expect.poll(() => view.state.properties, networkWait).toEqual(read.properties)
      return read
    }
    await expectSynchronized([plan])
    await server.publish()
    server.clock.advance(1000)
    const { properties } = await expectSynchronized([plan])
    expect(properties?.[0]?.rows).toEqual([{ property: 'plan 1', events: 1, visitors: 1 }])

    onTestFinished(client.subscribe(['properties'], listener, { properties: [odd, plan] }))
    await expectSynchronized([plan, odd])
    await server.publish()
    server.clock.advance(1000)
    await expectSynchronized([plan, odd])
    expect(view.state.properties).toMatchObject([
      { ...plan, rows: [{}, {}] },
      { ...odd, rows: [] },
    ])
  },
)
