import { describe, expect, it } from 'vitest'
import { interpretResponse } from './response.ts'

function meaningOf(status: number, body: unknown): unknown {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return interpretResponse({ status, retryAfter: undefined, body: text })
}

describe('interpretAnswer', () => {
  it('reads a verdict', () => {
    const rejected = [
      { index: 1, code: 'too_old' },
      { index: 2, code: 'url_invalid' },
    ]
    expect(meaningOf(202, { accepted: 2, rejected })).toEqual({
      kind: 'taken',
      accepted: 2,
      rejected: ['too_old', 'url_invalid'],
    })
  })

  it.each([408, 429, 500, 502, 503, 504])('tries %i again', status => {
    expect(meaningOf(status, 'no JSON')).toEqual({ kind: 'retry', reason: `http_${status}` })
  })

  it('names the reason by the code of the problem, where there is one', () => {
    expect(meaningOf(503, { code: 'log_unavailable' })).toEqual({
      kind: 'retry',
      reason: 'log_unavailable',
    })
  })

  it('splits what is too large, and gives up a batch that can never be read', () => {
    expect(meaningOf(413, { code: 'body_too_large' })).toEqual({ kind: 'split' })
    expect(meaningOf(400, { code: 'body_invalid' })).toEqual({
      kind: 'failed',
      reason: 'body_invalid',
    })
  })

  it.each([301, 401, 403, 404, 405])('stops at %i, which no later batch would change', status => {
    const detail = 'Check the site.'
    expect(meaningOf(status, { code: 'site_unknown', detail })).toEqual({
      kind: 'refused',
      code: 'site_unknown',
      detail,
    })
  })

  it.each(['<html>', '', '[]', 'null', '{"accepted":1}', '{"accepted":1,"rejected":[null]}'])(
    'stops at a success that holds %j, which is no verdict',
    body => {
      expect(meaningOf(200, body)).toMatchObject({ kind: 'refused', code: 'http_200' })
    },
  )
})
