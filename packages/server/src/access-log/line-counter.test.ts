import { expect, it } from 'vitest'
import { findPreset } from './format/presets.ts'
import { createLineCounter } from './line-counter.ts'
import { createLogParser } from './log-parser.ts'

const formats = ['combined', 'w3c'].flatMap(name => findPreset(name) ?? [])

const line = (second: number, request: string, status: number): string =>
  `192.0.2.7 - - [17/May/2015:10:05:0${second} +0000] "${request} HTTP/1.1" ${status} 1`

it('createLineCounter: counts lines by kind and returns the entries', () => {
  const counter = createLineCounter(createLogParser({ formats }))
  const texts = [
    line(3, 'GET /', 200),
    line(1, 'GET /a.css', 200),
    line(5, 'GET /old', 301),
    line(4, 'GET /missing', 404),
    line(2, 'POST /', 200),
    '',
    'garbage',
    '\x00\x00\x00\x00192.0.2.7 - -',
    `\u001b[31m${'\0'.repeat(500)}`,
    '#Version: 1.0',
    line(5, 'GET /', 200).replace('192.0.2.7', '-'),
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
  expect(resultKinds.slice(5)).toEqual([
    ...Array.from({ length: 5 }, () => undefined),
    'page_view',
    undefined,
  ])
  expect(counter.counts()).toEqual({
    ...{ lines: 12, blankLines: 1, pageViews: 2, assets: 1, redirects: 1, failedRequests: 1 },
    ...{ otherMethods: 1, unparsedLines: 4, directiveLines: 1, viewsWithoutClient: 1 },
    ...{ hosts: [], missingHosts: [], otherHostLines: 0, excludedLines: 0 },
    firstUnparsed: [
      { line: 7, error: 'head_invalid', text: 'garbage' },
      { line: 8, error: 'nul_bytes', text: String.raw`\x00\x00\x00\x00192.0.2.7 - -` },
      { line: 9, error: 'nul_bytes', text: String.raw`\x1b[31m\x00\x00\x00… (95 times)…` },
      { line: 12, error: 'line_too_long', text: '' },
    ],
    earliestAt: Date.UTC(2015, 4, 17, 10, 5, 1),
    latestAt: Date.UTC(2015, 4, 17, 10, 5, 5),
  })
})
