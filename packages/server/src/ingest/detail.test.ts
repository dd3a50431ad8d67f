import { limits } from '@tidemark/protocol'
import { describe, expect, it } from 'vitest'
import { toDetail } from './detail.ts'

describe('toDetail', () => {
  it.each([
    ['outbound', { url: 'https://example.com/a?token=1#b' }, 'https://example.com/a'],
    ['outbound', {}, undefined],
    [
      'download',
      { url: 'https://shop.example/list.pdf', file: 'list.pdf' },
      'https://shop.example/list.pdf',
    ],
    ['download', { file: 'list.pdf' }, 'list.pdf'],
    ['form_submit', { form: 'newsletter', action: '/subscribe' }, 'newsletter'],
    ['form_submit', { action: '/subscribe?list=1' }, '/subscribe'],
    ['form_submit', { form: 7 }, undefined],
    ['site_search', { query: '  Winter \n BOOTS ' }, 'winter boots'],
    ['site_search', { query: ' ' }, undefined],
    ['site_search', { query: '__proto__' }, '__proto__'],
    ['page_view', { url: 'https://example.com/', query: 'x' }, undefined],
    ['__proto__', { url: 'https://example.com/' }, undefined],
  ] as const)('of %s with %j is %j', (name, properties, detail) => {
    expect(toDetail(name, properties, '/page')).toBe(detail)
  })

  it('of a missing page is its path', () => {
    expect(toDetail('not_found', undefined, '/old')).toBe('/old')
    expect(toDetail('not_found', {}, undefined)).toBeUndefined()
  })

  it('is cut and clean', () => {
    const long = toDetail('site_search', { query: 'x'.repeat(5000) }, undefined)
    expect(long).toHaveLength(limits.maxPathLength)
    expect(toDetail('site_search', { query: 'a\u202eb' }, undefined)).toBe('a\ufffdb')
  })
})
