import { describe, expect, it } from 'vitest'
import { authorization, createTokenProvider } from './token.ts'

describe('createTokenProvider', () => {
  it('returns a fixed token that cannot be renewed', async () => {
    const provider = createTokenProvider('a.b.c')

    expect(provider).toMatchObject({ current: 'a.b.c', isMissing: false, isRenewable: false })
    expect(await provider.renew()).toBe(false)
    expect(authorization(provider)).toEqual({ headers: { Authorization: 'Bearer a.b.c' } })
  })

  it('adds no header when no token is configured', () => {
    const provider = createTokenProvider(undefined)

    expect(provider).toMatchObject({ current: undefined, isMissing: false, isRenewable: false })
    expect(authorization(provider)).toEqual({})
  })

  it('has no token of a function before the first renewal', async () => {
    const provider = createTokenProvider(() => 'first')
    expect(provider.isMissing).toBe(true)

    expect(await provider.renew()).toBe(true)
    expect(provider).toMatchObject({ current: 'first', isMissing: false })
  })

  it('calls the function once for simultaneous renewals', async () => {
    let calls = 0
    const provider = createTokenProvider(async () => `token ${++calls}`)

    expect(await Promise.all([provider.renew(), provider.renew()])).toEqual([true, true])
    expect(provider.current).toBe('token 1')
    await provider.renew()
    expect(provider.current).toBe('token 2')
  })

  it('reports no renewal when the function returns the same token', async () => {
    const provider = createTokenProvider(() => 'same')
    await provider.renew()

    expect(await provider.renew()).toBe(false)
  })

  it('keeps the current token when the function throws', async () => {
    let fails = false
    const provider = createTokenProvider(() => {
      if (fails) throw new Error('Logged out.')
      return 'first'
    })
    await provider.renew()
    fails = true

    expect(await provider.renew()).toBe(false)
    expect(provider.current).toBe('first')
  })
})
