import type { PropertyValue } from '@tidemark/protocol'
import { expect, it } from 'vitest'
import { decide, rebuildEvents } from './decide.ts'
import { redact } from './redact.ts'
import { toTarget } from './target.ts'
import { senderFacts } from '../testing/sender-facts.ts'

it.each<[string, Record<string, PropertyValue>, string | undefined]>([
  ['outbound', { url: 'https://www.other.example/a' }, 'other.example'],
  ['outbound', { url: 'https://bücher.example:8080/a' }, 'xn--bcher-kva.example:8080'],
  ['outbound', { url: 'mailto:ada@shop.example' }, undefined],
  ['outbound', { url: '/a' }, undefined],
  ['outbound', { url: 7 }, undefined],
  ['outbound', { file: 'menu.pdf' }, undefined],
  ['download', { url: 'https://shop.example/files/men%C3%BC.pdf' }, 'menü.pdf'],
  ['download', { url: 'https://shop.example/files/menu.pdf?secret#top' }, 'menu.pdf'],
  ['download', { url: '/files/menu.pdf' }, 'menu.pdf'],
  ['download', { url: '/files/100%.pdf' }, '100%.pdf'],
  ['download', { url: '/files/a%E2%80%AEfdp.exe' }, 'a\ufffdfdp.exe'],
  ['download', { url: '/files/', file: '' }, undefined],
  ['download', { url: '/x', file: 'menu.pdf' }, 'menu.pdf'],
  ['download', { file: 'x'.repeat(1000) }, 'x'.repeat(300)],
  ['sign_up', { url: 'https://other.example/' }, undefined],
])('toTarget: of %s with %o is %j', (name, properties, target) => {
  expect(toTarget(name, properties)).toBe(target)
})

it('toTarget: is the same after a rebuild from the log, also from the properties of the batch', () => {
  const body = JSON.stringify({
    url: 'https://shop.example/?secret',
    properties: { url: 'https://other.example/' },
    events: [{ name: 'outbound' }, { name: 'download', properties: { url: '/a.zip' } }],
  })
  const intake = decide(
    body,
    {
      deriveVisitorId: () => '~v',
      ...senderFacts(),
    },
    1_790_000_000_000,
  )
  if (typeof intake === 'string') throw new Error(intake)
  expect(intake.events.map(({ target }) => target)).toEqual(['other.example', 'a.zip'])
  const { events } = rebuildEvents(redact(body), intake.decision, 1_790_000_000_000)
  expect(events).toEqual(intake.events)
})
