import type { EventProperty, PropertyValues, State } from '@tidemark/protocol'
import { expect, it } from 'vitest'
import {
  copyChannel,
  hasArrived,
  normalizePaths,
  normalizeProperties,
  readableChannels,
} from './selected-rows.ts'

const none = { paths: [], properties: [] }
const plan: EventProperty = { event: 'purchase', property: 'plan' }
const size: EventProperty = { event: 'purchase', property: 'size' }

it('normalizePaths: removes queries and duplicates', () => {
  expect(normalizePaths(['/boots?size=40', '/a b', '/boots'])).toEqual(['/boots', '/a%20b'])
})

it('normalizePaths: throws for a path without a slash, and names it', () => {
  expect(() => normalizePaths(['/boots', 'hats'])).toThrow(
    new TypeError("paths: 'hats' does not start with a slash."),
  )
})

it('normalizeProperties: removes duplicates', () => {
  expect(normalizeProperties([plan, { ...plan }, size])).toEqual([plan, size])
})

it('normalizeProperties: throws for a value without two names, and shows it', () => {
  expect(() => normalizeProperties([{ ...plan, property: '' }])).toThrow(
    'properties: {"event":"purchase","property":""} names no property',
  )
})

it('readableChannels: needs a path for `pageVisitors`, and a property for `properties`', () => {
  const all = ['pageVisitors', 'properties', 'goals'] as const
  expect(readableChannels(all, none)).toEqual(['goals'])
  expect(readableChannels(all, { paths: ['/'], properties: [] })).toEqual(['pageVisitors', 'goals'])
  expect(readableChannels(all, { paths: ['/'], properties: [plan] })).toEqual(all)
})

it('hasArrived: needs a row for each path and each property', () => {
  const state: State = { properties: [{ ...plan, rows: [] }], pageVisitors: [] }
  expect(hasArrived('properties', state, { ...none, properties: [plan] })).toBe(true)
  expect(hasArrived('properties', state, { ...none, properties: [plan, size] })).toBe(false)
  expect(hasArrived('properties', {}, none)).toBe(false)
  expect(hasArrived('pageVisitors', state, { ...none, paths: ['/'] })).toBe(false)
  expect(hasArrived('goals', state, none)).toBe(false)
})

it('copyChannel: keeps the rows of pages when only other pages have changed', () => {
  const row = (path: string, visitors: number) => ({ path, visitors })
  const selected = { paths: ['/a'], properties: [] }
  const target: State = {}
  copyChannel('pageVisitors', target, { pageVisitors: [row('/a', 1), row('/b', 2)] }, selected)
  const first = target.pageVisitors
  expect(first).toEqual([row('/a', 1)])
  copyChannel('pageVisitors', target, { pageVisitors: [row('/a', 1), row('/b', 9)] }, selected)
  expect(target.pageVisitors).toBe(first)
  copyChannel('pageVisitors', target, { pageVisitors: [row('/a', 2), row('/b', 9)] }, selected)
  expect(target.pageVisitors).toEqual([row('/a', 2)])
})

it('copyChannel: keeps the rows of properties when only others have changed', () => {
  const row = (of: EventProperty, events: number): PropertyValues => ({
    ...of,
    rows: [{ property: 'x', events, visitors: 1 }],
  })
  const selected = { paths: [], properties: [plan] }
  const target: State = {}
  copyChannel('properties', target, { properties: [row(plan, 1), row(size, 1)] }, selected)
  const first = target.properties
  expect(first).toEqual([row(plan, 1)])
  copyChannel('properties', target, { properties: [row(plan, 1), row(size, 2)] }, selected)
  expect(target.properties).toBe(first)
  copyChannel('properties', target, { properties: [row(plan, 2), row(size, 2)] }, selected)
  expect(target.properties).toEqual([row(plan, 2)])
})
