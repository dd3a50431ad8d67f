import { expect, it } from 'vitest'
import { createEventGroups } from './event-groups.ts'
import { siteEvent } from '../../testing/event.ts'

/** How many there are of each kind, by the index of its first event. */
function kindsOf(events: readonly ReturnType<typeof siteEvent>[]): [number, number][] {
  const kinds: [number, number][] = []
  const made = createEventGroups((first, times) => kinds.push([first.index, times]))
  for (const [index, event] of events.entries()) made.add({ ...event, index })
  made.flush()
  // There is nothing more to say.
  made.flush()
  return kinds
}

const at = 1_700_000_040_000
const event = siteEvent({ at, path: '/a', value: 1, n: 1, title: 'A' })

it('are one for events that differ in page, title, number and value', () => {
  const other = { ...event, path: '/b', value: undefined, n: 2, title: 'B', at: at + 999 }
  expect(kindsOf([event, other, event])).toEqual([[0, 3]])
})

it.each([
  ['sender', { sender: { ...event.sender } }],
  ['name', { name: 'order' }],
  ['source', { source: 'news.example' }],
  ['campaign', { campaign: 'spring' }],
  ['second', { at: at + 1000 }],
  ['goals', { goals: ['Paid'] }],
])('are two where the %s is another, in whatever order', (_, other) => {
  const different = { ...event, ...other }
  expect(kindsOf([event, different, event])).toEqual([
    [0, 2],
    [1, 1],
  ])
  expect(kindsOf([different, event, event])).toEqual([
    [0, 1],
    [1, 2],
  ])
})

it('have a goal reached told each time', () => {
  const reached = { ...event, goals: ['Paid'] }
  expect(kindsOf([reached, reached])).toEqual([
    [0, 1],
    [1, 1],
  ])
})

it('are told early where there are many, and none is lost', () => {
  const names = Array.from({ length: 20 }, (_, index) => `name ${index}`)
  const all = kindsOf([...names, ...names].map(name => ({ ...event, name })))
  expect(all.reduce((sum, [, times]) => sum + times, 0)).toBe(40)
  const told: number[] = []
  const made = createEventGroups((_, times) => told.push(times))
  for (const name of names.slice(0, 9)) made.add({ ...event, name })
  expect(told.length).toBe(8)
  const few = names.slice(0, 8)
  expect(kindsOf([...few, ...few].map(name => ({ ...event, name })))).toEqual(
    few.map((_, index) => [index, 2]),
  )
})
