import { describe, expect, it } from 'vitest'
import { reconnectWait, setUpPlayground, shortWait } from './feed-checks.ts'

const { tabs, checks } = setUpPlayground()

const utcDay = (): string => new Date().toISOString().slice(0, 10)
const startDay = utcDay()

/** Expects one visitor. At midnight UTC, the server's new daily salt makes a second one of the same browser. */
async function expectOneVisitor(): Promise<void> {
  expect(utcDay() === startDay ? [1] : [1, 2]).toContain(await tabs().readCount())
}

describe('Playground: shop and dashboard in two tabs', { timeout: 180_000 }, () => {
  it('shows a page view in the counter, the list and the feed within five seconds', async () => {
    await expect.poll(() => tabs().readCount(), { timeout: 5000, interval: 50 }).toBe(1)
    await expect
      .poll(() => tabs().readActivePages(), { timeout: 5000, interval: 50 })
      .toEqual([{ path: '/', visitors: 1 }])
    await checks().expectFeed()
    expect(tabs().accepted).toHaveLength(1)
  })

  it('moves a visitor to the next page and counts the visitor once', async () => {
    const link = tabs().shop.locator('main a[href^="/"]').first()
    const path = await link.getAttribute('href')
    await link.click()
    await expect.poll(() => tabs().readActivePages(), shortWait).toEqual([{ path, visitors: 1 }])
    await expectOneVisitor()
    await checks().expectFeed()
  })

  it('upgrades to a WebSocket, and shows the events that it delivers', async () => {
    await checks().expectTransport('WebSocket')
    await checks().trackAndExpect(5)
    expect(await tabs().readFact('Transport')).toBe('WebSocket')
  })

  it('keeps the last numbers while the network is cut, and then shows all events of that time', async () => {
    await tabs().toggleSwitch('Network')
    const status = tabs().dashboard.locator('.tm-counter .tm-status button')
    await expect.poll(() => status.innerText(), reconnectWait).toContain(', as of ')
    await expectOneVisitor()
    const names = ['check_cut_1', 'check_cut_2']
    await tabs().track(...names)
    expect(await tabs().readFeed()).not.toContain('check_cut_1')
    await tabs().toggleSwitch('Network')
    await expect
      .poll(() => tabs().accepted.map(({ label }) => label), reconnectWait)
      .toEqual(expect.arrayContaining(names))
    await checks().expectFeed()
  })

  it('resynchronizes after kill -9 of the server', async () => {
    await checks().trackAndExpect(2)
    const before = await tabs().readFact('Cursor')
    await tabs().dashboard.getByRole('button', { name: 'kill -9' }).click()
    await expect.poll(() => tabs().playground.state.server, shortWait).toBe('down')
    await tabs().track('check_while_down')
    await expect.poll(() => tabs().playground.state.server, reconnectWait).toBe('up')
    await expect
      .poll(() => tabs().accepted.map(({ label }) => label), reconnectWait)
      .toContain('check_while_down')
    await checks().expectFeed()
    const after = await tabs().readFact('Cursor')
    expect(Number(after.split('.')[0])).toBeGreaterThan(Number(before.split('.')[0]))
    await checks().expectTransport('WebSocket')
    await checks().trackAndExpect(3)
    await expectOneVisitor()
  })

  it('falls back to an event stream when WebSockets are blocked', async () => {
    await tabs().toggleSwitch('WebSocket')
    await checks().trackAndExpect(3)
    await checks().expectTransport('Event stream')
    await checks().trackAndExpect(3)
  })
})
