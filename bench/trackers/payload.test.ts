import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { valuesOf } from './payload.ts'

const url = new URL('http://stats.localhost/e')
const payload = JSON.stringify([{ event: 'a' }, { batch: [{ event: 'b', other: { event: 'c' } }] }])

it.each([
  ['JSON', payload],
  ['gzip of JSON', gzipSync(payload)],
  ['a form field with JSON', `ip=1&data=${encodeURIComponent(payload)}`],
  [
    'a form field with base64',
    `data=${encodeURIComponent(Buffer.from(payload).toString('base64'))}`,
  ],
])('valuesOf: finds each value of a key in %s', (_, body) => {
  expect(valuesOf({ url, body: Buffer.from(body) }, 'event')).toEqual(['a', 'b', 'c'])
})

it('valuesOf: reads fields of the URL, and ignores other payloads and keys', () => {
  const withFields = new URL(`?events=${encodeURIComponent(payload)}&event=d`, url)
  expect(valuesOf({ url: withFields, body: Buffer.alloc(0) }, 'event')).toEqual(['a', 'b', 'c'])
  expect(valuesOf({ url, body: Buffer.from('event') }, 'event')).toEqual([])
  expect(valuesOf({ url, body: Buffer.from(payload) }, 'name')).toEqual([])
})
