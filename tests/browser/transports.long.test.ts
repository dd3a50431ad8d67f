import { describe, it } from 'vitest'
import { setUpPlayground } from './feed-checks.ts'

const { tabs, checks } = setUpPlayground()

describe('Playground: transports of the dashboard', () => {
  it('falls back to an event stream when WebSockets are blocked', async () => {
    await tabs().toggleSwitch('WebSocket')
    await checks().trackAndExpect(3)
    await checks().expectTransport('Event stream')
    await checks().trackAndExpect(3)
  })

  it('falls back to long polling when event streams are blocked too', async () => {
    await tabs().toggleSwitch('Event streams')
    await checks().trackAndExpect(3)
    await checks().expectTransport('Long-polling')
    await checks().trackAndExpect(3)
  })

  it('upgrades again when both are allowed', async () => {
    await tabs().toggleSwitch('Event streams')
    await tabs().toggleSwitch('WebSocket')
    await checks().trackAndExpect(3)
    await checks().expectTransport('WebSocket')
    await checks().trackAndExpect(3)
  })
})
