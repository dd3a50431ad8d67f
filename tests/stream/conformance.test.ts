import { describe, expect, it, onTestFinished } from 'vitest'
import { describeConformance } from './conformance.ts'
import { wide } from './selections.ts'
import { type LogKind, serve } from './test-server.ts'
import { transportNames } from './transports/index.ts'

describe('what is for some readers only', () => {
  it.each([
    ['realtime', 200],
    ['realtime', 304],
    ['realtime/frames?since=1.1', 410],
    ['realtime/frames?since=there', 200],
    ['realtime/sse', 200],
    ['metrics', 200],
    ['limits', 200],
  ])('is kept by no shared cache, as the answer to %s with %i', async (path, status) => {
    const served = await serve('memory', { access: { authorize: () => true } })
    onTestFinished(served.close)
    const { cursor } = await served.read(wide)
    const over = new AbortController()
    const { headers, ...answer } = await ask(`${served.siteUrl}/${path.replace('there', cursor)}`, {
      signal: over.signal,
      headers: status === 304 ? { 'If-None-Match': `"${cursor}"` } : {},
    })
    over.abort()
    expect(answer.status).toBe(status)
    expectPrivate(headers)
  })

  it.each(['realtime', 'realtime/frames?since=1.1', 'realtime/sse', 'metrics', 'limits'])(
    'is refused in a way that no cache keeps, at %s',
    async path => {
      const served = await serve('memory', { access: { authorize: () => false } })
      onTestFinished(served.close)
      const { status, headers } = await ask(`${served.siteUrl}/${path}`)
      expect(status).toBe(403)
      expect(headers.get('Cache-Control')).toBe('no-store')
    },
  )
})

async function ask(url: string, init?: RequestInit): Promise<{ status: number; headers: Headers }> {
  const { status, headers } = await fetch(url, init)
  return { status, headers }
}

function expectPrivate(headers: Headers): void {
  const caching = headers.get('Cache-Control')
  expect(caching).toMatch(/^(private, no-cache|no-store)/)
  if (caching?.startsWith('private')) expect(headers.get('Vary')).toMatch(/Authorization/)
}

for (const log of ['memory', 'sqlite'] satisfies LogKind[]) {
  describeConformance(`a server over a log in ${log}`, {
    open: () => serve(log),
    transports: transportNames,
  })
}
