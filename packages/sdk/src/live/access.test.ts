import { describe, expect, it } from 'vitest'
import { createAccess } from './access.ts'
import { createTokenProvider } from './token.ts'

describe('createAccess', () => {
  it('denies access when the server refuses the client', () => {
    const access = createAccess(createTokenProvider(() => 'fresh'))

    expect(access.reject('refused')).toBeUndefined()
    expect(access.isDenied).toBe(true)
  })

  it('denies access when a fixed token is rejected', () => {
    const access = createAccess(createTokenProvider('a.b.c'))

    expect(access.reject('unauthorized')).toBeUndefined()
    expect(access.isDenied).toBe(true)
  })

  it('renews a rejected token three times, and then denies access', async () => {
    let tokens = 0
    const access = createAccess(createTokenProvider(() => `token-${++tokens}`))

    for (let renewals = 0; renewals < 3; renewals++) {
      expect(await access.reject('unauthorized')).toBe(true)
    }
    expect(access.isDenied).toBe(false)
    expect(access.reject('unauthorized')).toBeUndefined()
    expect(access.isDenied).toBe(true)
  })

  it('counts renewals from 0 after an accepted request', async () => {
    let tokens = 0
    const access = createAccess(createTokenProvider(() => `token-${++tokens}`))
    for (let renewals = 0; renewals < 3; renewals++) await access.reject('unauthorized')
    access.confirm()

    expect(await access.reject('unauthorized')).toBe(true)
    expect(access.isDenied).toBe(false)
  })

  it('does not count a renewal that returned no fresh token', async () => {
    const access = createAccess(
      createTokenProvider(() => {
        throw new Error('The source is down.')
      }),
    )

    for (let attempts = 0; attempts < 10; attempts++) {
      expect(await access.reject('unauthorized')).toBe(false)
    }
    expect(access.isDenied).toBe(false)
  })
})
