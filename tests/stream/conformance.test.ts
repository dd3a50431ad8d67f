import { describe, expect, it, onTestFinished } from 'vitest'
import { describeConformance } from './conformance.ts'
import { wideSelection } from './selections.ts'
import { type LogType, startTestServer } from './test-server.ts'
import { transportNames } from './transports/index.ts'

describe('Private data: caching', () => {
  it.each([
    ['realtime', 200],
    ['realtime', 304],
    ['realtime/frames?since=1.1', 410],
    ['realtime/frames?since=CURSOR', 200],
    ['realtime/sse', 200],
    ['metrics', 200],
    ['limits', 200],
  ])('keeps the answer of %s with status %i out of shared caches', async (path, status) => {
    const server = await startTestServer('memory', { access: { authorize: () => true } })
    onTestFinished(server.close)
    const { cursor } = await server.read(wideSelection)
    const request = new AbortController()
    const { headers, ...answer } = await fetchHead(
      `${server.siteUrl}/${path.replace('CURSOR', cursor)}`,
      {
        signal: request.signal,
        headers: status === 304 ? { 'If-None-Match': `"${cursor}"` } : {},
      },
    )
    request.abort()
    expect(answer.status).toBe(status)
    expectPrivate(headers)
  })

  it.each(['realtime', 'realtime/frames?since=1.1', 'realtime/sse', 'metrics', 'limits'])(
    'answers an unauthorized request for %s with no-store',
    async path => {
      const server = await startTestServer('memory', { access: { authorize: () => false } })
      onTestFinished(server.close)
      const { status, headers } = await fetchHead(`${server.siteUrl}/${path}`)
      expect(status).toBe(403)
      expect(headers.get('Cache-Control')).toBe('no-store')
    },
  )
})

async function fetchHead(
  url: string,
  init?: RequestInit,
): Promise<{ status: number; headers: Headers }> {
  const { status, headers } = await fetch(url, init)
  return { status, headers }
}

function expectPrivate(headers: Headers): void {
  const caching = headers.get('Cache-Control')
  expect(caching).toMatch(/^(private, no-cache|no-store)/)
  if (caching?.startsWith('private')) expect(headers.get('Vary')).toMatch(/Authorization/)
}

for (const log of ['memory', 'sqlite'] satisfies LogType[]) {
  describeConformance(`a server with a ${log} log`, {
    open: () => startTestServer(log),
    transports: transportNames,
  })
}
