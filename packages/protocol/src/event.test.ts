import { expect, it } from 'vitest'
import { eventNames, isAutomatic, isMeasurement, isPresenceOnly } from './event.ts'

const names = Object.values(eventNames)

it('Event names: every name of the tracker has one kind', () => {
  expect(names.filter(isPresenceOnly)).toEqual(['heartbeat', 'leave'])
  expect(names.filter(isMeasurement)).toEqual(['engagement', 'scroll_depth', 'web_vital'])
  expect(names.filter(name => !isPresenceOnly(name) && !isAutomatic(name))).toEqual(['page_view'])
})

it.each(['sign_up', '', 'Outbound', 'constructor', '__proto__', 'has'])(
  'Event names: %j is neither automatic nor a measurement',
  name => {
    expect(isAutomatic(name)).toBe(false)
    expect(isMeasurement(name)).toBe(false)
  },
)

it('Event names: every measurement is automatic', () => {
  expect(names.filter(isMeasurement).every(isAutomatic)).toBe(true)
})
