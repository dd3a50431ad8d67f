import { expect, it } from 'vitest'
import { createFakeWorld } from './testing/fake-world.ts'
import { quiet, site } from './testing/start.ts'
import { createTracker } from './tracker.ts'

const options = { ...site, ...quiet }
const { host } = createFakeWorld().tab

it('Typed events: a declared event needs its properties, with their types', () => {
  const tracker = createTracker<{
    signup: { plan: string }
    search: { query: string; results?: number }
    share: { network?: string }
    logout: undefined
  }>(options, host)
  tracker.track('signup', { plan: 'pro' })
  tracker.track('signup', { plan: 'pro' }, { value: 49 })
  tracker.track('search', { query: 'shoes' })
  tracker.track('share')
  tracker.track('share', { network: 'mail' })
  tracker.track('logout')
  tracker.track('logout', undefined, { value: 1 })
  // @ts-expect-error -- another name
  tracker.track('sign_up', { plan: 'pro' })
  // @ts-expect-error -- the properties are missing
  tracker.track('signup')
  // @ts-expect-error -- a property is missing
  tracker.track('signup', {})
  // @ts-expect-error -- a property of another type
  tracker.track('signup', { plan: 1 })
  // @ts-expect-error -- an unknown property
  tracker.track('signup', { plan: 'pro', seats: 3 })
  // @ts-expect-error -- no properties are declared
  tracker.track('logout', { reason: 'idle' })
  // @ts-expect-error -- a value is a number
  tracker.track('signup', { plan: 'pro' }, { value: '49' })
  expect(tracker.counts.dropped).toBe(0)
})

it('Typed events: an interface declares them too', () => {
  interface Signup {
    plan: string
  }
  interface Events {
    signup: Signup
  }
  const tracker = createTracker<Events>(options, host)
  tracker.track('signup', { plan: 'pro' })
  // @ts-expect-error -- a property of another type
  tracker.track('signup', { plan: true })
  expect(tracker.counts.dropped).toBe(0)
})

it('Typed events: without a declaration, any name and simple properties are allowed', () => {
  const tracker = createTracker(options, host)
  tracker.track('anything')
  tracker.track('anything', { a: 'x', b: 1, c: true }, { value: 1 })
  // @ts-expect-error -- an object is no property
  tracker.track('anything', { a: {} })
  expect(tracker.counts.dropped).toBe(0)
})

it('Options: invalid values do not compile', () => {
  const make = (): unknown => [
    // @ts-expect-error -- an unknown effect
    createTracker({ ...options, privacyControl: 'on' }, host),
    // @ts-expect-error -- the site is missing
    createTracker({ baseUrl: '/api' }, host),
  ]
  expect(make).toBeTypeOf('function')
})
