import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ReplayProgress } from '../replay/replay.ts'
import { emptyCounts } from '../access-log/line-counter.ts'
import { createDeliveryCounter } from '../replay/delivery-counter.ts'
import { showProgress } from './progress.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function createOutput(isTTY: boolean) {
  const output = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY })
  return { output, text: (): string => String(output.read() ?? '') }
}

function progress(changes: Partial<ReplayProgress> = {}): ReplayProgress {
  const logTime = Date.UTC(2015, 4, 17, 10, 5, 3)
  const read = { lines: 1234, pageViews: 500, accepted: 400, logTime }
  return {
    ...emptyCounts(),
    ...createDeliveryCounter().counts(),
    consumedBytes: 1_000_000,
    totalBytes: 2_370_789,
    ...read,
    ...changes,
  }
}

const counts = '1,234 lines · 400 of 500 page views accepted · 2015-05-17T10:05:03Z'

describe('showProgress', () => {
  it('draws a bar in a terminal', () => {
    const { output, text } = createOutput(true)
    const hide = showProgress(output, progress)
    hide()
    expect(text()).toContain(`${'█'.repeat(10)}${'░'.repeat(14)}  42 % of 2.4 MB · ${counts}`)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leaves the bar empty for input of unknown size', () => {
    const { output, text } = createOutput(true)
    showProgress(output, () => progress({ totalBytes: undefined }))()
    const drawn = text()
    expect(drawn).toContain(`${'░'.repeat(24)} 1.0 MB · ${counts}`)
    expect(drawn).not.toContain('█')
  })

  it('writes a plain line every ten seconds when the output is not a terminal', () => {
    const { output, text } = createOutput(false)
    const hide = showProgress(output, progress)
    expect(text()).toBe('')
    vi.advanceTimersByTime(10_000)
    expect(text()).toBe(` 42 % of 2.4 MB · ${counts}\n`)
    hide()
    vi.advanceTimersByTime(60_000)
    expect(text()).toBe('')
  })

  it('writes the bytes read for input of unknown size, and no log time before the first page view', () => {
    const { output, text } = createOutput(false)
    showProgress(output, () => progress({ totalBytes: undefined, logTime: undefined }))
    vi.advanceTimersByTime(10_000)
    expect(text()).toBe('1.0 MB · 1,234 lines · 400 of 500 page views accepted\n')
  })
})
