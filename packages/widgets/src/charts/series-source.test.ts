import { expect, it } from 'vitest'
import { toSeriesOptions } from './series-source.ts'

it('toSeriesOptions: prefers a channel, then data, then history', () => {
  const data = [{ at: 1, value: 2 }]
  const range = { last: '7d' } as const
  const live = { channel: 'minuteSeries', data } as const
  expect(toSeriesOptions(live, range, false)).toMatchObject({ channel: 'minuteSeries' })
  expect(toSeriesOptions({ data }, range, false)).toMatchObject({ data })
  expect(toSeriesOptions({ metric: 'sessions' }, range, true)).toEqual({
    range,
    granularity: undefined,
    metric: 'sessions',
    compare: undefined,
    paused: true,
  })
  expect(toSeriesOptions({ granularity: 'day' }, undefined, false)).toMatchObject({
    granularity: 'day',
  })
})

it('toSeriesOptions: waits for data of the host without any source', () => {
  expect(toSeriesOptions({}, undefined, false)).toHaveProperty('data', undefined)
})

it('toSeriesOptions: replaces a metric that a live series does not have', () => {
  const options = toSeriesOptions({ channel: 'secondSeries', metric: 'sessions' }, undefined, false)
  expect(options).toMatchObject({ channel: 'secondSeries', metric: undefined })
})
