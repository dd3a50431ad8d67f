import { expect, it } from 'vitest'
import { createEventGroups } from './event-groups.ts'
import { siteEvent } from '../testing/event.ts'

type Event = ReturnType<typeof siteEvent>

/** Returns the groups of events: the index of each group's first event, and the number of its events. */
function groupsOf(events: readonly Event[]): [firstIndex: number, times: number][] {
  const groups: [number, number][] = []
  const eventGroups = createEventGroups((first, times) => groups.push([first.index, times]))
  for (const [index, event] of events.entries()) eventGroups.add({ ...event, index })
  eventGroups.flush()
  // A second flush emits nothing.
  eventGroups.flush()
  return groups
}

const at = 1_700_000_040_000
const event = siteEvent({ at, path: '/a', value: 1, n: 1, title: 'A' })

it('EventGroups: groups events that differ only in page, title, number, value and part of a second', () => {
  const other = { ...event, path: '/b', value: undefined, n: 2, title: 'B', at: at + 999 }
  expect(groupsOf([event, other, event])).toEqual([[0, 3]])
})

it.each([
  ['sender', { sender: { ...event.sender } }],
  ['name', { name: 'order' }],
  ['origin', { origin: { ...event.origin } }],
  ['detail', { detail: 'https://example.com/' }],
  ['second', { at: at + 1000 }],
  ['goals', { goals: ['Paid'] }],
])('EventGroups: separates events with a different %s, in any order', (_, fields) => {
  const other = { ...event, ...fields }
  expect(groupsOf([event, other, event])).toEqual([
    [0, 2],
    [1, 1],
  ])
  expect(groupsOf([other, event, event])).toEqual([
    [0, 1],
    [1, 2],
  ])
})

it('EventGroups: emits each event that reaches a goal separately', () => {
  const reached = { ...event, goals: ['Paid'] }
  expect(groupsOf([reached, reached])).toEqual([
    [0, 1],
    [1, 1],
  ])
})

it('EventGroups: emits all groups early when there is no room for another, and loses no event', () => {
  const names = Array.from({ length: 20 }, (_, index) => `name ${index}`)
  const all = groupsOf([...names, ...names].map(name => ({ ...event, name })))
  expect(all.reduce((sum, [, times]) => sum + times, 0)).toBe(40)
  const emitted: number[] = []
  const groups = createEventGroups((_, times) => emitted.push(times))
  for (const name of names.slice(0, 9)) groups.add({ ...event, name })
  expect(emitted.length).toBe(8)
  const few = names.slice(0, 8)
  expect(groupsOf([...few, ...few].map(name => ({ ...event, name })))).toEqual(
    few.map((_, index) => [index, 2]),
  )
})
