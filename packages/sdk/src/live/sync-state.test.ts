import { describe, expect, it } from 'vitest'
import { createSyncState } from './sync-state.ts'

const error = { code: 'network', message: 'The server did not answer.' } as const

describe('createSyncState', () => {
  it('is never too old before the first confirmation', () => {
    const sync = createSyncState({ now: () => 1_000_000 })

    expect(sync.syncedAt).toBeUndefined()
    expect(sync.isOlderThan(0)).toBe(false)
  })

  it('reports its age from the last confirmation of the current state', () => {
    let now = 1000
    const sync = createSyncState({ now: () => now })
    sync.confirm(true)
    now = 1500
    sync.confirm(false)

    expect(sync.syncedAt).toBe(1000)
    expect(sync.isOlderThan(501)).toBe(false)
    expect(sync.isOlderThan(500)).toBe(true)
  })

  it('clears the error when data arrives, also outdated data', () => {
    const sync = createSyncState({ now: () => 1000 })
    sync.fail(error)
    expect(sync.error).toBe(error)

    sync.confirm(false)
    expect(sync.error).toBeUndefined()
  })

  it('moves a time in the future to the current time after the clock was set back', () => {
    let now = 5000
    const sync = createSyncState({ now: () => now })
    sync.confirm(true)
    now = 2000
    expect(sync.syncedAt).toBe(2000)

    now = 3000
    expect(sync.isOlderThan(1000)).toBe(true)
  })
})
