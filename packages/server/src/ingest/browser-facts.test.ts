import type { BrowserFacts } from '@tidemark/protocol'
import { expect, it } from 'vitest'
import { parseBatch } from './batch.ts'
import { decide, rebuildEvents } from './decide.ts'
import { redact } from './redact.ts'
import { senderFacts } from '../testing/sender-facts.ts'

const valid = { screen: '390x844', language: 'de-DE', touch: 5, firstSeen: '2026-12-01' } as const

function factsOf(body: string): BrowserFacts {
  const batch = parseBatch(body)
  if (typeof batch === 'string') throw new Error(batch)
  return batch.facts
}

it('Browser facts: are read from a batch and from a single event', () => {
  expect(factsOf(JSON.stringify({ ...valid, events: [] }))).toEqual(valid)
  expect(factsOf(JSON.stringify({ ...valid, name: 'page_view' }))).toEqual(valid)
  expect(factsOf('{"events":[]}')).toEqual({})
})

it.each<[keyof BrowserFacts, unknown]>([
  ['screen', '1x1'],
  ['screen', '99999x99999'],
  ['language', 'en'],
  ['language', 'zh-Hant-TW'],
  ['touch', 0],
  ['touch', 256],
  ['firstSeen', '2024-02-29'],
])('Browser facts: %s can be %j', (field, value) => {
  expect(factsOf(JSON.stringify({ [field]: value, events: [] }))).toEqual({ [field]: value })
})

it.each<[keyof BrowserFacts, unknown]>([
  ['screen', '0x844'],
  ['screen', '390×844'],
  ['screen', '390x844.5'],
  ['screen', '100000x1'],
  ['screen', { width: 390 }],
  ['language', ''],
  ['language', 'en_US'],
  ['language', `en${'-x'.repeat(20)}`],
  ['language', null],
  ['touch', -1],
  ['touch', 0.5],
  ['touch', 1001],
  ['touch', '5'],
  ['touch', true],
  ['firstSeen', '2026-02-30'],
  ['firstSeen', '2026-13-01'],
  ['firstSeen', '2026-12-01T10:00Z'],
  ['firstSeen', 1_790_000_000_000],
])('Browser facts: ignores %s %j and accepts the events', (field, value) => {
  const body = JSON.stringify({ ...valid, [field]: value, events: [{ name: 'page_view' }] })
  const { [field]: _, ...others } = valid
  expect(factsOf(body)).toEqual(others)
  const intake = decide(
    body,
    {
      deriveVisitorId: () => '~v',
      ...senderFacts(),
    },
    1_790_000_000_000,
  )
  expect(intake).toMatchObject({ decision: { rejected: [] }, events: [{ name: 'page_view' }] })
})

it('Browser facts: stay in the logged body', () => {
  const url = 'https://shop.example/?secret#top'
  const logged = redact(JSON.stringify({ ...valid, url, events: [{ name: 'page_view' }] }))
  expect(logged).not.toContain('secret')
  expect(factsOf(logged)).toEqual(valid)
  const decision = { ...senderFacts(), visitor: '~v', skewMs: 0, rejected: [] }
  expect(rebuildEvents(logged, decision, 0).events).toHaveLength(1)
})
