import { describe, expect, it } from 'vitest'
import {
  type RequestedHistory,
  defaultHistory,
  resolveHistorySettings,
} from './history-settings.ts'
import { createMemoryLog } from '../log/memory.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

describe('how history is kept', () => {
  it('is the default at first, and then what a server was last given, one by one', () => {
    const { settings } = createMemoryLog({ now: 0 })
    expect(resolveHistorySettings(settings, {})).toEqual(defaultHistory)
    const { retentionMs } = defaultHistory
    const taken = [
      resolveHistorySettings(settings, { retentionMs: { hour: Infinity } }),
      resolveHistorySettings(settings, { sessionGapMs: hourMs }),
      resolveHistorySettings(settings, {
        retentionMs: { minute: 3 * hourMs, day: undefined } as object,
      }),
      resolveHistorySettings(settings, {}),
    ]
    expect(taken).toEqual([
      { ...defaultHistory, retentionMs: { ...retentionMs, hour: Infinity } },
      { retentionMs: { ...retentionMs, hour: Infinity }, sessionGapMs: hourMs },
      { retentionMs: { minute: 3 * hourMs, hour: Infinity, day: Infinity }, sessionGapMs: hourMs },
      { retentionMs: { minute: 3 * hourMs, hour: Infinity, day: Infinity }, sessionGapMs: hourMs },
    ])
  })

  it('is written down only when it is not what it would be anyway, so that defaults may change', () => {
    const { settings } = createMemoryLog({ now: 0 })
    resolveHistorySettings(settings, { sessionGapMs: defaultHistory.sessionGapMs })
    expect(settings.get('history')).toBeUndefined()
  })

  const wrong: [string, RequestedHistory][] = [
    ['minutes', { retentionMs: { minute: hourMs } }],
    ['hours', { retentionMs: { hour: dayMs } }],
    ['days', { retentionMs: { day: NaN } }],
    ['hours', { retentionMs: { minute: 100 * dayMs } }],
    ['days', { retentionMs: { day: 30 * dayMs } }],
    ['session', { sessionGapMs: 0 }],
    ['session', { sessionGapMs: 2 * dayMs }],
    ['session', { sessionGapMs: NaN }],
    ['numbers', { sessionGapMs: '90000' as never }],
    ['numbers', { retentionMs: { minute: '7200000' as never } }],
    ['retentionMs', { retentionMs: { minutes: 7_200_000 } as object }],
    ['retentionMs', { retentionMs: 48 as never }],
    ['retentionMs', { retentionMs: null as never }],
  ]
  it.each(wrong)('cannot be so, with a word about %s: %j', (word, wanted) => {
    const { settings } = createMemoryLog({ now: 0 })
    expect(() => resolveHistorySettings(settings, wanted)).toThrow(TypeError)
    expect(() => resolveHistorySettings(settings, wanted)).toThrow(word)
    expect(resolveHistorySettings(settings, {})).toEqual(defaultHistory)
  })
})
