import { historyDimensionNames } from '@tidemark/protocol'
import { expect, it } from 'vitest'
import { sourceProblem } from './list-source.ts'

const items = [{ name: 'a', count: 1 }]
const keys = { labelKey: 'name', valueKey: 'count' }
const range = { last: '7d' }

it.each([
  [{ items, ...keys }],
  [{ items: undefined, ...keys }],
  [{ items: null, ...keys }],
  [{ channel: 'goals' }],
  [{ by: 'name', range }],
  [{ by: 'referringPage', referrer: 'news.example', range }],
  [{ by: 'property', stat: 'sum', range }],
  [{ by: 'property', name: 'purchase', property: 'plan', range }],
])('sourceProblem: accepts %j', source => expect(sourceProblem(source)).toBeUndefined())

it.each([
  [{}, '`items`, `channel` or `by` is missing.'],
  [{ items: {}, ...keys }, '`items` is not an array.'],
  [{ items, valueKey: 'count' }, '`labelKey` is missing; it names the property with the label.'],
  [{ items, labelKey: 'name' }, '`valueKey` is missing; it names the property with the number.'],
  [{ items, ...keys, channel: 'goals' }, '`channel` has no effect with `items`; pass one of them.'],
  [{ items, ...keys, by: 'goal', range }, '`by` has no effect with `items`; pass one of them.'],
  [{ channel: 'goals', by: 'goal', range }, '`by` has no effect with `channel`; pass one of them.'],
  [
    { channel: 'pages' },
    "`channel` 'pages' is not a list; use one of activePages, referrers, countries, devices, events, goals.",
  ],
  [
    { by: 'value', range },
    `\`by\` 'value' is not a dimension; use one of ${[...historyDimensionNames, 'property'].join(', ')}.`,
  ],
  [{ by: 'goal' }, "`range` is missing; for example { last: '7d' }."],
  [{ channel: 'goals', range }, '`range` has no effect without `by`.'],
  [
    { by: 'referrer', referrer: 'news.example', range },
    '`referrer` has no effect without `by="referringPage"`.',
  ],
  [{ by: 'path', name: 'purchase', range }, '`name` has no effect without `by="property"`.'],
  [{ channel: 'goals', stat: 'sum' }, '`stat` has no effect without `by="property"`.'],
  [
    { by: 'property', property: 'plan', range },
    '`name` is missing; it names the event that has the `property`.',
  ],
])('sourceProblem: names what is wrong with %j', (source, problem) =>
  expect(sourceProblem(source)).toBe(problem),
)
