import { expect, it } from 'vitest'
import { createSSRApp } from 'vue'
import type { Tracker } from './tracker/types.ts'
import { tidemarkTracker } from './vue.ts'

it('Vue: nothing is sent on a server', () => {
  const app = createSSRApp({})
  const provided: unknown[] = []
  const { provide } = app
  app.provide = (key, value) => {
    provided.push(value)
    return provide(key, value)
  }
  app.use(tidemarkTracker, { siteId: 's', baseUrl: 'https://stats.example/api' })
  const [tracker] = provided as Tracker[]
  tracker?.track('a')
  expect(tracker?.state).toBe('stopped')
  expect(tracker?.counts).toEqual({ accepted: 0, rejected: 0, dropped: 0, waiting: 0 })
})
