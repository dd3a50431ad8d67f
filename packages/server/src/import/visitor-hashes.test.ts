import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import type { LogEntry } from '../access-log/format/entry.ts'
import { createVisitorHashes } from './visitor-hashes.ts'

const salt = '00112233445566778899aabbccddeeff'
const userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0'

it('createVisitorHashes: hashes visitors the same way in every version, because logs are imported over time', () => {
  const visitors = createVisitorHashes({
    ...{
      startOfDay: () => 7,
      placeOf: () => ({ country: 'FR', region: undefined, city: undefined }),
      stored: [],
    },
    random: () => Buffer.from(salt, 'hex'),
  })
  const digest = createHash('sha256').update(`${salt}\n203.0.113.9\n${userAgent}`).digest()
  const entry = { client: '203.0.113.9', userAgent, at: 7 } as LogEntry
  expect(visitors.visitorOf(entry)).toMatchObject({
    hash: { high: digest.readUInt32LE(0), low: digest.readUInt32LE(4) },
    agent: { browser: 'Firefox' },
    place: { country: 'FR' },
  })
})
