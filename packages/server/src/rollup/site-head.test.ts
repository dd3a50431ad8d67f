import { expect, it } from 'vitest'
import { createByteReader, createByteWriter } from '../shared/bytes.ts'
import { type SiteHead, readHead, stateVersion, writeHead } from './site-head.ts'

const head: SiteHead = {
  now: 1_700_000_040_000,
  closedBefore: { hour: 1_700_000_000_000, day: 1_699_920_000_000 },
  overflow: new Map([
    ['visitors', 2],
    ['clients', 1],
  ]),
}

function encode(): Uint8Array {
  const writer = createByteWriter()
  writeHead(writer, head)
  return writer.finish()
}

it('site head: reads the written fields', () => {
  const reader = createByteReader(encode())
  expect(readHead(reader)).toEqual(head)
  expect(reader.isAtEnd).toBe(true)
})

it.each([0, stateVersion + 1, 127])(
  'site head: rejects version %i, and names the remedy',
  version => {
    const bytes = encode()
    bytes[0] = version
    expect(() => readHead(createByteReader(bytes))).toThrow(
      `The stored site state has version ${version}, but this Tidemark reads version ${stateVersion} only. ` +
        'Run the Tidemark release that wrote the data directory, or start with an empty one.',
    )
  },
)
