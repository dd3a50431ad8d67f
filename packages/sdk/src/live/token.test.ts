import { describe, expect, it } from 'vitest'
import { authorization, createTokenProvider } from './token.ts'

describe('createTokenProvider', () => {
  it('returns a fixed token that cannot be renewed', async () => {
    const keeper = createTokenProvider('a.b.c')

    expect(keeper).toMatchObject({ current: 'a.b.c', isMissing: false, isRenewable: false })
    expect(await keeper.renew()).toBe(false)
    expect(authorization(keeper)).toEqual({ headers: { Authorization: 'Bearer a.b.c' } })
  })

  it('adds no header when no token is configured', () => {
    const keeper = createTokenProvider(undefined)

    expect(keeper).toMatchObject({ current: undefined, isMissing: false, isRenewable: false })
    expect(authorization(keeper)).toEqual({})
  })

  it('has no token of a function before the first renewal', async () => {
    const keeper = createTokenProvider(() => 'first')
    expect(keeper.isMissing).toBe(true)

    expect(await keeper.renew()).toBe(true)
    expect(keeper).toMatchObject({ current: 'first', isMissing: false })
  })

  it('calls the function once for simultaneous renewals', async () => {
    let calls = 0
    const keeper = createTokenProvider(async () => `token ${++calls}`)

    expect(await Promise.all([keeper.renew(), keeper.renew()])).toEqual([true, true])
    expect(keeper.current).toBe('token 1')
    await keeper.renew()
    expect(keeper.current).toBe('token 2')
  })

  it('reports no renewal when the function returns the same token', async () => {
    const keeper = createTokenProvider(() => 'same')
    await keeper.renew()

    expect(await keeper.renew()).toBe(false)
  })

  it('keeps the current token when the function throws', async () => {
    let fails = false
    const keeper = createTokenProvider(() => {
      if (fails) throw new Error('Logged out.')
      return 'first'
    })
    await keeper.renew()
    fails = true

    expect(await keeper.renew()).toBe(false)
    expect(keeper.current).toBe('first')
  })
})
