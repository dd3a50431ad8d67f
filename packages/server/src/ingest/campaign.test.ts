import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maxCampaignTextLength, toCampaign } from './campaign.ts'
import { toCleanText } from './text.ts'

describe('toCampaign', () => {
  it('parses the query of a URL', () => {
    const url =
      'https://shop.example/boots?size=42&utm_source=News+letter&utm_medium=e-mail&utm_campaign=Fr%C3%BChling#utm_source=x'
    expect(toCampaign(new URL(url).search)).toEqual({
      source: 'News letter',
      medium: 'e-mail',
      campaign: 'Frühling',
    })
  })

  it('parses all five parameters', () => {
    expect(
      toCampaign('?utm_source=a&utm_medium=b&utm_campaign=c&utm_term=d&utm_content=e'),
    ).toEqual({ source: 'a', medium: 'b', campaign: 'c', term: 'd', content: 'e' })
  })

  // Converters of Markdown escape the underscore: see simpleanalytics/roadmap#451.
  it.each([
    '?utm%5Fsource=news&utm%5Fcampaign=spring',
    '?utm%5fsource=news&%75tm_campaign=spring',
    '?a=%5F&%75%74%6D%5F%73%6F%75%72%63%65=%6Eews&utm_campaign=spring',
  ])('decodes the names of parameters in %s', query => {
    expect(toCampaign(query)).toEqual({ source: 'news', campaign: 'spring' })
  })

  it.each([
    'https://shop.example/',
    'https://shop.example/?a=b',
    'https://shop.example/utm_source=x',
    'https://shop.example/#?utm_source=x',
    'https://shop.example/?a=1#&utm_source=x',
    'https://shop.example/?xutm_source=x',
    'https://shop.example/?utm_source',
    'https://shop.example/?utm_source=',
    'https://shop.example/?utm_source=%20+&utm_medium=%20',
    'https://shop.example/?utm_sources=x&utm_id=z&xgclid=w&gclid=',
    'https://shop.example/?a=?utm_source=x',
    'https://shop.example/?UTM_SOURCE=x',
  ])('returns undefined for %s', url => {
    expect(toCampaign(new URL(url).search)).toBeUndefined()
  })

  it.each([
    // Named in the vendors' documentation of auto-tagging.
    ['?gclid=EAIaIQ', 'gclid'],
    ['?gbraid=0AAA', 'gbraid'],
    ['?wbraid=Cj8', 'wbraid'],
    ['?dclid=CJ', 'dclid'],
    ['?msclkid=c1', 'msclkid'],
    ['?fbclid=IwAR', 'fbclid'],
    ['?ttclid=E.C', 'ttclid'],
    ['?twclid=2', 'twclid'],
    ['?li_fat_id=f0', 'li_fat_id'],
    ['?yclid=1', 'yclid'],
    ['?epik=dj0', 'epik'],
    ['?rdt_cid=1', 'rdt_cid'],
    ['?ScCid=1', 'ScCid'],
    ['?a=b&gcl%69d=1', 'gclid'],
    ['?fbclid=1&fbclid=2', 'fbclid'],
    // Facebook adds its own to all links.
    ['?fbclid=1&gclid=2', 'gclid'],
    ['?gclid=', undefined],
    ['?GCLID=1', undefined],
    ['?q=gclid', undefined],
  ])('finds the kind of click id in %s', (search, clickId) => {
    expect(toCampaign(search)?.clickId).toBe(clickId)
  })

  it('uses the first value of a parameter', () => {
    expect(toCampaign('?utm_source=a&utm_source=b')).toEqual({ source: 'a' })
  })

  it('keeps upper and lower case', () => {
    expect(toCampaign('?utm_source=Twitter')).not.toEqual(toCampaign('?utm_source=twitter'))
  })

  it('returns clean text for any URL', () => {
    expect(
      toCampaign('?utm_source=a%00b%0D%0Ac%E2%80%AEd&utm_medium=%FF&utm_campaign=%zz'),
    ).toEqual({
      source: 'a\ufffdb\ufffd\ufffdc\ufffdd',
      medium: '\ufffd',
      campaign: '%zz',
    })
    expect(toCampaign('?utm_source=__proto__&utm_medium=<script>')).toEqual({
      source: '__proto__',
      medium: '<script>',
    })
  })

  it('truncates long values to well-formed text', () => {
    const { source = '', medium = '' } =
      toCampaign(`?utm_source=${'x'.repeat(5000)}&utm_medium=y${'%F0%9F%A5%BE'.repeat(500)}`) ?? {}
    expect(source).toBe('x'.repeat(maxCampaignTextLength))
    expect(medium.length).toBe(maxCampaignTextLength)
    expect(medium.isWellFormed()).toBe(true)
  })

  it('skips blank values', () => {
    const query = '?utm_source=&utm_source=+&utm_source=%20&utm_source=news&utm_source=later'
    expect(toCampaign(query)).toEqual({ source: 'news' })
    expect(toCampaign('?utm_source=&utm_source=+')).toBeUndefined()
  })

  it('agrees with URLSearchParams', () => {
    const part = fc.oneof(
      fc.constantFrom(
        'utm_source',
        'utm_medium',
        'utm_campaign',
        'utm%5Fsource',
        '=',
        '&',
        '?',
        '+',
        '%41',
        '%',
        '=x',
        '&',
      ),
      fc.string({ maxLength: 4 }).filter(text => !text.includes('#')),
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), parts => {
        const { search, searchParams } = new URL(`https://shop.example/?${parts.join('')}`)
        const found = toCampaign(search) ?? {}
        for (const key of ['source', 'medium', 'campaign', 'term', 'content'] as const) {
          const texts = searchParams.getAll(`utm_${key}`).map(text => toCleanText(text.trim()))
          expect(found[key]).toBe(texts.find(text => text !== ''))
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('parses slow queries in linear time', () => {
    const max = 8192
    for (const unit of [
      '&',
      'utm_',
      '&utm_source=',
      '&utm_source=%20',
      '&utm_source',
      '?utm_medium=%F0',
      '%',
    ]) {
      const query = `?utm_${unit.repeat(max).slice(0, max)}`
      const times = Array.from({ length: 5 }, () => {
        const before = performance.now()
        toCampaign(query)
        return performance.now() - before
      })
      // The slowest of them takes 0.02 ms.
      expect(Math.min(...times)).toBeLessThan(5)
    }
  })
})
