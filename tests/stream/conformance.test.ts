import { describe, expect, it, onTestFinished } from 'vitest'
import { describeConformance } from './conformance.ts'
import { type LogKind, serve } from './served.ts'
import { transportNames } from './transports/index.ts'

describe('what is for some readers only', () => {
  it.each(['realtime', 'realtime/frames?since=1.1', 'realtime/sse', 'metrics', 'limits'])(
    'is kept by no shared cache, as the answer to %s',
    async path => {
      const served = await serve('memory', { authorize: () => true })
      onTestFinished(served.close)
      const over = new AbortController()
      const { headers } = await fetch(`${served.siteUrl}/${path}`, { signal: over.signal })
      over.abort()
      expect(headers.get('Cache-Control')).toMatch(/^(private, no-cache|no-store)/)
      if (headers.get('Cache-Control')?.startsWith('private')) {
        expect(headers.get('Vary')).toMatch(/Authorization/)
      }
    },
  )
})

for (const log of ['memory', 'sqlite'] satisfies LogKind[]) {
  describeConformance(`a server over a log in ${log}`, {
    open: () => serve(log),
    transports: transportNames,
  })
}
