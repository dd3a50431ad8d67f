import { describe, expect, it } from 'vitest'
import { authorization, createTokenProvider } from './token.ts'

describe('a token', () => {
  it('that is given as text is there at once, and is the only one', async () => {
    const keeper = createTokenProvider('a.b.c')

    expect(keeper).toMatchObject({ current: 'a.b.c', isMissing: false, isRenewable: false })
    expect(await keeper.renew()).toBe(false)
    expect(authorization(keeper)).toEqual({ headers: { Authorization: 'Bearer a.b.c' } })
  })

  it('that nobody needs is none, and adds nothing to a request', () => {
    const keeper = createTokenProvider(undefined)

    expect(keeper).toMatchObject({ current: undefined, isMissing: false, isRenewable: false })
    expect(authorization(keeper)).toEqual({})
  })

  it('that a function gives is missing until it was asked for', async () => {
    const keeper = createTokenProvider(() => 'first')
    expect(keeper.isMissing).toBe(true)

    expect(await keeper.renew()).toBe(true)
    expect(keeper).toMatchObject({ current: 'first', isMissing: false })
  })

  it('is asked for once by all who want it at the same time', async () => {
    let calls = 0
    const keeper = createTokenProvider(async () => `token ${++calls}`)

    expect(await Promise.all([keeper.renew(), keeper.renew()])).toEqual([true, true])
    expect(keeper.current).toBe('token 1')
    await keeper.renew()
    expect(keeper.current).toBe('token 2')
  })

  it('that is the same again is no fresh one', async () => {
    const keeper = createTokenProvider(() => 'same')
    await keeper.renew()

    expect(await keeper.renew()).toBe(false)
  })

  it('stays what it was when none can be had', async () => {
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
