import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide, rebuildEvents } from './decide.ts'
import { redact } from './redact.ts'
import { senderFacts } from '../testing/sender-facts.ts'

const sender = {
  deriveVisitorId: () => '~v',
  ...senderFacts(),
}
const now = 1_790_000_000_000

function redactEvent(event: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(redact(JSON.stringify(event)))
}

describe('redact', () => {
  it('removes query and credentials of the URL, and a fragment that is no page', () => {
    const url = 'https://ada:pw@shop.example/reset?token=SECRET#token=SECRET'
    expect(redactEvent({ name: 'x', url }).url).toBe('https://shop.example/reset')
  })

  it('keeps the page of a hash router, without its query', () => {
    const url = 'https://shop.example/app?utm_source=news&a=SECRET#/users/7?token=SECRET'
    expect(redactEvent({ name: 'x', url }).url).toBe(
      'https://shop.example/app?utm_source=news#/users/7',
    )
  })

  it('keeps the path of any URL, and no secret', () => {
    const secret = fc.constantFrom('', '?SECRET', '?a=SECRET#/b', '#SECRET=x', '#a=SECRET?/b')
    const piece = fc.constantFrom('/', '#', '!', '.', '..', 'a', '%2e', 'é', ' ', 'x'.repeat(990))
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 9 }), secret, (pieces, end) => {
        const path = `/${pieces.join('')}`
        // The secret is in the query or the fragment of the URL, or in the query of its fragment.
        const hidden = path.includes('#') ? end.replace(/^#/, '?') : end
        const url = `https://shop.example${path}${hidden}`
        const body = JSON.stringify({ events: [{ name: 'page_view', url }] })
        const intake = decide(body, sender, now)
        if (typeof intake === 'string') throw new Error(intake)
        const logged = redact(body)
        expect(logged).not.toContain('SECRET')
        expect(rebuildEvents(logged, intake.decision, now).events).toEqual(intake.events)
        expect(redact(logged)).toBe(logged)
      }),
      { numRuns: 1000 },
    )
  })

  it('keeps that an address has a click ID, without the ID', () => {
    const url = 'https://shop.example/?gclid=SECRET&fbclid=&q=SECRET'
    expect(JSON.parse(redact(JSON.stringify({ name: 'a', url })))).toEqual({
      name: 'a',
      url: 'https://shop.example/?gclid=1',
    })
  })

  it('keeps the campaign', () => {
    const url = 'https://shop.example/?q=gift&utm_source=news&utm_campaign=a%20b'
    expect(redactEvent({ name: 'x', url }).url).toBe(
      'https://shop.example/?utm_source=news&utm_campaign=a+b',
    )
  })

  it.each([
    ['https://ada:pw@news.example/a?x=PRIVATE#PRIVATE', 'https://news.example/a'],
    ['https://mail.google.com/mail/u/0/PRIVATE', 'https://mail.google.com/'],
    ['https://chatgpt.com/c/PRIVATE', 'https://chatgpt.com/'],
    ['android-app://com.example.mail/https/PRIVATE', 'android-app://com.example.mail/'],
  ])('reduces the referrer %s to its page', (referrer, page) => {
    expect(redactEvent({ name: 'x', referrer }).referrer).toBe(page)
  })

  it('redacts shared fields and escaped URLs', () => {
    const body = `{"url":"https://a.example/p\\u003fkey=SECRET","events":[{"name":"x","referrer":"https://b.example/?SECRET"}]}`
    expect(redact(body)).not.toContain('SECRET')
  })

  it('removes texts that are not a web URL', () => {
    expect(redactEvent({ name: 'x', url: 'javascript:alert(1)//?', referrer: 'secret@?' })).toEqual(
      {
        name: 'x',
        url: '',
        referrer: '-',
      },
    )
  })

  it('returns the same text when nothing is redacted', () => {
    const body = '{ "name": "x", "url": "https://shop.example/a" }'
    expect(redact(body)).toBe(body)
  })

  it('keeps a property named __proto__', () => {
    const body = '{"name":"x","url":"https://a.example/?b","properties":{"__proto__":"c"}}'
    expect(redact(body)).toContain('"__proto__":"c"')
  })

  it('keeps everything that rebuildEvents needs', () => {
    const body = JSON.stringify({
      client: 'c',
      sentAt: now,
      url: 'https://www.shop.example/list?page=2#top',
      referrer: 'https://www.search.example/?q=boots',
      events: [
        { n: 1, name: 'page_view' },
        { n: 2, name: 'bad', url: 'ftp://a.example/?x' },
        { n: 3, name: 'own', referrer: 'https://shop.example/?y' },
        { n: 4, name: 'odd', referrer: 'not an address?' },
        { n: 5, name: '\ud800 and \u202e', url: 'https://x.example/%3Fa/é?z' },
      ],
    })
    const intake = decide(body, sender, now)
    if (typeof intake === 'string') throw new Error(intake)
    expect(rebuildEvents(redact(body), intake.decision, now).events).toEqual(intake.events)
    expect(intake.events).toHaveLength(4)
  })
})
