import { describe, expect, it } from 'vitest'
import { createMemoryLog } from '../log/memory.ts'
import {
  type RequestedHistory,
  defaultHistory,
  resolveHistorySettings,
} from './history-settings.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

describe('resolveHistorySettings', () => {
  it('returns the option, then the stored value, then the default, for each setting', () => {
    const { settings } = createMemoryLog({ now: 0 })
    expect(resolveHistorySettings(settings, {})).toEqual(defaultHistory)
    const { retentionMs } = defaultHistory
    const resolved = [
      resolveHistorySettings(settings, { retentionMs: { hour: Infinity } }),
      resolveHistorySettings(settings, { sessionGapMs: hourMs }),
      resolveHistorySettings(settings, {
        retentionMs: { minute: 3 * hourMs, day: undefined } as object,
      }),
      resolveHistorySettings(settings, {}),
    ]
    expect(resolved).toEqual([
      { ...defaultHistory, retentionMs: { ...retentionMs, hour: Infinity } },
      {
        retentionMs: { ...retentionMs, hour: Infinity },
        sessionGapMs: hourMs,
        bounce: 'one-event',
      },
      {
        retentionMs: { minute: 3 * hourMs, hour: Infinity, day: Infinity },
        sessionGapMs: hourMs,
        bounce: 'one-event',
      },
      {
        retentionMs: { minute: 3 * hourMs, hour: Infinity, day: Infinity },
        sessionGapMs: hourMs,
        bounce: 'one-event',
      },
    ])
  })

  it('does not store defaults, so that a later version can change them', () => {
    const { settings } = createMemoryLog({ now: 0 })
    resolveHistorySettings(settings, { sessionGapMs: defaultHistory.sessionGapMs })
    expect(settings.get('history')).toBeUndefined()
  })

  const invalid: [string, RequestedHistory][] = [
    ['retentionMs.minute', { retentionMs: { minute: hourMs } }],
    ['retentionMs.hour', { retentionMs: { hour: dayMs } }],
    ['retentionMs.day', { retentionMs: { day: NaN } }],
    ['retentionMs.hour', { retentionMs: { minute: 100 * dayMs } }],
    ['retentionMs.day', { retentionMs: { day: 30 * dayMs } }],
    ['sessionGapMs', { sessionGapMs: 0 }],
    ['sessionGapMs', { sessionGapMs: 2 * dayMs }],
    ['sessionGapMs', { sessionGapMs: NaN }],
    ['sessionGapMs', { sessionGapMs: '90000' as never }],
    ['retentionMs.minute', { retentionMs: { minute: '7200000' as never } }],
    ['retentionMs', { retentionMs: { minutes: 7_200_000 } as object }],
    ['retentionMs', { retentionMs: 48 as never }],
    ['retentionMs', { retentionMs: null as never }],
  ]
  it.each(invalid)('names %s in the error for %j', (name, requested) => {
    const { settings } = createMemoryLog({ now: 0 })
    expect(() => resolveHistorySettings(settings, requested)).toThrow(TypeError)
    expect(() => resolveHistorySettings(settings, requested)).toThrow(`history.${name}`)
    expect(resolveHistorySettings(settings, {})).toEqual(defaultHistory)
  })
})
