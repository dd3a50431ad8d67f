// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest'
import { createFakeCapture } from './testing/fake-capture.ts'
import { webVitals } from './web-vitals.ts'

type Report = (metric: { name: string; value: number; rating: string }) => void

const reports = vi.hoisted(() => new Map<string, Report>())

vi.mock('web-vitals', () =>
  Object.fromEntries(
    ['LCP', 'INP', 'CLS', 'FCP', 'TTFB'].map(name => [
      `on${name}`,
      (report: Report) => void reports.set(name, report),
    ]),
  ),
)

it('Web vitals: are sent with metric and rating, in milliseconds or as the score', () => {
  const { recorded } = createFakeCapture(webVitals())
  expect([...reports.keys()].toSorted()).toEqual(['CLS', 'FCP', 'INP', 'LCP', 'TTFB'])
  reports.get('LCP')?.({ name: 'LCP', value: 2345.67891, rating: 'good' })
  reports.get('CLS')?.({ name: 'CLS', value: 0.123456, rating: 'needs-improvement' })
  expect(recorded).toEqual([
    { name: 'web_vital', value: 2345.6789, properties: { metric: 'LCP', rating: 'good' } },
    {
      name: 'web_vital',
      value: 0.1235,
      properties: { metric: 'CLS', rating: 'needs-improvement' },
    },
  ])
})
