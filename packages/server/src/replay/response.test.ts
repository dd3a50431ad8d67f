import { describe, expect, it } from 'vitest'
import { interpretResponse } from './response.ts'

function outcomeOf(status: number, body: unknown): unknown {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return interpretResponse({ status, retryAfter: undefined, body: text })
}

describe('interpretAnswer', () => {
  it('returns the verdict of a 202 response', () => {
    const rejected = [
      { index: 1, code: 'too_old' },
      { index: 2, code: 'url_invalid' },
    ]
    expect(outcomeOf(202, { accepted: 2, rejected })).toEqual({
      kind: 'accepted',
      accepted: 2,
      rejected: ['too_old', 'url_invalid'],
    })
  })

  it.each([408, 429, 500, 502, 503, 504])('retries %i', status => {
    expect(outcomeOf(status, 'no JSON')).toEqual({ kind: 'retry', reason: `http_${status}` })
  })

  it('uses the code of the problem as the reason', () => {
    expect(outcomeOf(503, { code: 'log_unavailable' })).toEqual({
      kind: 'retry',
      reason: 'log_unavailable',
    })
  })

  it('splits a batch that is too large, and fails a batch that is invalid', () => {
    expect(outcomeOf(413, { code: 'body_too_large' })).toEqual({ kind: 'split' })
    expect(outcomeOf(400, { code: 'body_invalid' })).toEqual({
      kind: 'failed',
      reason: 'body_invalid',
    })
  })

  it.each([301, 401, 403, 404, 405])('refuses all batches after %i', status => {
    const detail = 'Check the site.'
    expect(outcomeOf(status, { code: 'site_unknown', detail })).toEqual({
      kind: 'refused',
      code: 'site_unknown',
      detail,
    })
  })

  it.each(['<html>', '', '[]', 'null', '{"accepted":1}', '{"accepted":1,"rejected":[null]}'])(
    'refuses all batches after a success with %j, which is not a verdict',
    body => {
      expect(outcomeOf(200, body)).toMatchObject({ kind: 'refused', code: 'http_200' })
    },
  )
})
