import { describe, expect, it } from 'vitest'
import { createAdmit, isSiteId } from './admit.ts'

const request = new Request('http://stats.example/')

describe('the id of a site', () => {
  it.each(['a', 'shop', 'shop.example', 'a_b-c.1', '7', 'constructor', 'x'.repeat(64)])(
    'may be %s',
    id => {
      expect(isSiteId(id)).toBe(true)
    },
  )

  it.each([
    '',
    '.',
    '..',
    '-a',
    '_a',
    '__proto__',
    'a b',
    'a/b',
    'a\\b',
    'a\n',
    '\na',
    'a\u0000',
    'caf\u00e9',
    'a\u202eb',
    'x'.repeat(65),
    '$',
  ])('may not be %j', id => {
    expect(isSiteId(id)).toBe(false)
  })
})

describe('a request', () => {
  it('is let in to any site where none are named', async () => {
    const admit = createAdmit({ sites: undefined, authorize: undefined })
    expect(await admit(request, 'shop', 'read')).toBeUndefined()
  })

  it('is told of no site that is not named, before anybody is asked', async () => {
    let asked = 0
    const authorize = () => ++asked > 0
    const admit = createAdmit({ sites: new Set(['shop']), authorize })
    expect(await admit(request, 'other', 'read')).toBe('site_unknown')
    expect(await admit(request, '../shop', 'read')).toBe('site_unknown')
    expect(asked).toBe(0)
    expect(await admit(request, 'shop', 'read')).toBeUndefined()
  })

  it('is refused when `authorize` says no, now or later', async () => {
    for (const authorize of [() => false, () => Promise.resolve(false)]) {
      const admit = createAdmit({ sites: undefined, authorize })
      expect(await admit(request, 'shop', 'write')).toBe('refused')
    }
  })

  it('is let in by scope and site', async () => {
    const admit = createAdmit({
      sites: undefined,
      authorize: (_, site, scope) => site === 'shop' && scope === 'write',
    })
    expect(await admit(request, 'shop', 'write')).toBeUndefined()
    expect(await admit(request, 'shop', 'read')).toBe('refused')
    expect(await admit(request, 'blog', 'write')).toBe('refused')
  })
})
