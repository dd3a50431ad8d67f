import { expect, it } from 'vitest'
import { createLineCounter } from './line-counter.ts'

const line = (second: number, request: string, status: number): string =>
  `192.0.2.7 - - [17/May/2015:10:05:0${second} +0000] "${request} HTTP/1.1" ${status} 1`

it('createLineCounter: counts lines by kind and returns the entries', () => {
  const counter = createLineCounter()
  const texts = [
    line(3, 'GET /', 200),
    line(1, 'GET /a.css', 200),
    line(5, 'GET /old', 301),
    line(4, 'GET /missing', 404),
    line(2, 'POST /', 200),
    '',
    'garbage',
    undefined,
  ]
  const resultKinds = texts.map(
    (text, index) => counter.read({ number: index + 1, text, endByte: 0 })?.kind,
  )
  expect(resultKinds.slice(0, 5)).toEqual([
    'page_view',
    'asset',
    'redirect',
    'failed',
    'other_method',
  ])
  expect(resultKinds.slice(5)).toEqual([undefined, undefined, undefined])
  expect(counter.counts()).toEqual({
    ...{ lines: 8, blankLines: 1, pageViews: 1, assets: 1, redirects: 1, failedRequests: 1 },
    ...{ otherMethods: 1, unparsedLines: 2 },
    firstUnparsed: [
      { line: 7, error: 'head_invalid' },
      { line: 8, error: 'line_too_long' },
    ],
    earliestAt: Date.UTC(2015, 4, 17, 10, 5, 1),
    latestAt: Date.UTC(2015, 4, 17, 10, 5, 5),
  })
})
