import { describe, expect, it } from 'vitest'
import { type Capturable, type CheckpointsOptions, createCheckpoints } from './checkpoints.ts'
import { type Log, LogUnavailableError } from '../log/log.ts'
import { createMemoryLog } from '../log/memory.ts'
import { createWriteBehind } from '../log/write-behind.ts'
import { type SiteState, createSiteState } from '../rollup/site.ts'
import type { Tier } from '../rollup/history/tier.ts'
import { type ManualClock, createManualClock } from '../testing/clock.ts'
import { siteEvent } from '../rollup/testing/event.ts'

const secondMs = 1000
const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** A write to the log or its store. */
type Write =
  | { kind: 'commit'; site: string; offset: number; at: number }
  | { kind: 'expire'; site: string; tier: string; before: number }
  | { kind: 'trim'; before: number }

/** Creates a log that records its writes, and can fail those of one kind. */
function createRecordingLog(clock: ManualClock) {
  const memory = createMemoryLog({ now: clock.now() })
  let writes: Write[] = []
  let failingKind: Write['kind'] | undefined
  const record = (write: Write): void => {
    if (write.kind === failingKind) throw new LogUnavailableError('The disk is full')
    writes.push(write)
  }
  const log: Log = {
    ...memory,
    store: createWriteBehind({
      ...memory.store,
      async commit(site, checkpoint) {
        record({ kind: 'commit', site, offset: checkpoint.offset, at: clock.now() })
        await memory.store.commit(site, checkpoint)
      },
      async expire(site, tier, before) {
        record({ kind: 'expire', site, tier, before })
        await memory.store.expire(site, tier, before)
      },
    }),
    async trim(before) {
      record({ kind: 'trim', before })
      await memory.trim(before)
    },
  }
  const drain = (): Write[] => {
    const drained = writes
    writes = []
    return drained
  }
  return {
    log,
    drainCommits: () => drain().filter(write => write.kind === 'commit'),
    drainTrims: () => drain().flatMap(write => (write.kind === 'trim' ? [write.before] : [])),
    drainExpiries: () => drain().filter(write => write.kind === 'expire'),
    failWrites(kind: Write['kind'] | undefined): void {
      failingKind = kind
    },
  }
}

/** Creates a site with an empty state, which counts its captures. */
function createFake(closedBefore = { hour: 0, day: 0 }): Capturable & { captures: number } {
  const fake = {
    captures: 0,
    history: { tiers: { closedBefore } },
    advance() {},
    *capture() {
      fake.captures++
      yield
      return { state: new Uint8Array(), segments: [], parts: [], markStored() {} }
    },
  }
  return fake
}

function setUp(options: Pick<CheckpointsOptions, 'checkpointMs' | 'retentionMs'> = {}) {
  const clock = createManualClock()
  const recording = createRecordingLog(clock)
  const errors: unknown[] = []
  const onError = (error: unknown): void => void errors.push(error)
  const checkpoints = createCheckpoints({ log: recording.log, clock, ...options, onError })
  checkpoints.start()
  return { clock, checkpoints, errors, ...recording }
}

describe('createCheckpoints: one site', () => {
  it('is saved within 30 seconds of a change, with the offset of its last record', async () => {
    const { clock, checkpoints, drainCommits } = setUp()
    const started = clock.now()
    checkpoints.add('shop', createFake(), 4)
    expect(checkpoints.savedOffsetOf('shop')).toBe(4)
    checkpoints.markFolded('shop', 5)
    await clock.pass(10 * secondMs)
    checkpoints.markFolded('shop', 9)
    expect(checkpoints.savedOffsetOf('shop')).toBe(4)
    await clock.pass(20 * secondMs)
    const [commit, ...others] = drainCommits()
    expect(others).toEqual([])
    expect(commit).toMatchObject({ site: 'shop', offset: 9 })
    expect(commit?.at).toBeLessThanOrEqual(started + 30 * secondMs)
    expect(checkpoints.savedOffsetOf('shop')).toBe(9)
  })

  it('is saved every 15 to 30 seconds while it changes continuously', async () => {
    const { clock, checkpoints, drainCommits } = setUp()
    checkpoints.add('shop', createFake(), 0)
    for (let second = 1; second <= 600; second++) {
      checkpoints.markFolded('shop', second)
      await clock.pass(secondMs)
    }
    const times = drainCommits().map(({ at }) => at)
    expect(times.length).toBeGreaterThanOrEqual(600 / 30)
    expect(times.length).toBeLessThanOrEqual(600 / 15)
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0))
    expect(Math.max(...gaps)).toBeLessThanOrEqual(30 * secondMs)
  })

  it('is saved once after a change, and not without one', async () => {
    const { clock, checkpoints, drainCommits } = setUp()
    const fake = createFake()
    checkpoints.add('shop', fake, 0)
    checkpoints.add('blog', createFake(), 0)
    checkpoints.markFolded('shop', 1)
    await clock.pass(10 * minuteMs)
    expect(drainCommits().map(({ site }) => site)).toEqual(['shop'])
    expect(fake.captures).toBe(1)
  })

  it('is saved within `checkpointMs`', async () => {
    const { clock, checkpoints, drainCommits } = setUp({ checkpointMs: 200 })
    checkpoints.add('shop', createFake(), 0)
    checkpoints.markFolded('shop', 1)
    await clock.pass(200)
    expect(drainCommits()).toHaveLength(1)
  })

  it('is not saved after it was removed', async () => {
    const { clock, checkpoints, drainCommits } = setUp()
    checkpoints.add('shop', createFake(), 0)
    checkpoints.markFolded('shop', 1)
    checkpoints.remove('shop')
    expect(checkpoints.savedOffsetOf('shop')).toBe(0)
    await clock.pass(2 * hourMs)
    expect(drainCommits()).toEqual([])
  })
})

describe('createCheckpoints: several sites', () => {
  it.each([16, 30, 300, 1000])(
    'are saved within 30 seconds when %i change at once',
    async count => {
      const { clock, checkpoints, drainCommits } = setUp()
      for (let n = 1; n <= count; n++) {
        checkpoints.add(`site ${n}`, createFake(), 0)
        checkpoints.markFolded(`site ${n}`, n)
      }
      await clock.pass(30 * secondMs, count)
      expect(drainCommits()).toHaveLength(count)
    },
  )

  it('are saved within 30 seconds, the longest waiting first and one in each tick', async () => {
    const { clock, checkpoints, drainCommits } = setUp()
    const started = clock.now()
    const sites = Array.from({ length: 15 }, (_, index) => `site ${index}`)
    for (const [index, site] of sites.entries()) {
      checkpoints.add(site, createFake(), 0)
      checkpoints.markFolded(site, index + 1)
    }
    // Another change does not move a site to the end of the queue.
    checkpoints.markFolded('site 0', 100)
    await clock.pass(30 * secondMs)
    const commits = drainCommits()
    expect(commits.map(({ site }) => site)).toEqual(sites)
    expect(commits[0]?.offset).toBe(100)
    expect(new Set(commits.map(({ at }) => at)).size).toBe(15)
    expect(Math.max(...commits.map(({ at }) => at))).toBeLessThanOrEqual(started + 30 * secondMs)
  })

  it('are spread over the ticks while they change continuously', async () => {
    const { clock, checkpoints, drainCommits } = setUp()
    const perTick = 20
    const sites = Array.from({ length: 15 * perTick }, (_, index) => `site ${index}`)
    for (const site of sites) checkpoints.add(site, createFake(), 0)
    for (let second = 1; second <= 300; second++) {
      for (const site of sites) checkpoints.markFolded(site, second)
      await clock.pass(secondMs, 2 * perTick)
    }
    const commits = drainCommits()
    for (const [, each] of Map.groupBy(commits, ({ site }) => site)) {
      expect(each.length).toBeGreaterThanOrEqual(4)
    }
    const ticks = [...Map.groupBy(commits, ({ at }) => at).values()]
    expect(Math.max(...ticks.map(each => each.length))).toBeLessThanOrEqual(perTick)
  })
})

describe('createCheckpoints: log', () => {
  it('is trimmed up to the first record that is in no checkpoint', async () => {
    const { clock, checkpoints, drainTrims } = setUp()
    checkpoints.add('shop', createFake(), 0)
    checkpoints.add('blog', createFake(), 2)
    checkpoints.add('quiet', createFake(), 0)
    checkpoints.markFolded('shop', 3)
    await clock.pass(10 * secondMs)
    checkpoints.markFolded('blog', 4)
    checkpoints.markFolded('shop', 5)
    await clock.pass(5 * secondMs)
    // The checkpoint of `shop` has record 5. That of `blog` has record 2, and record 4 is missing.
    expect(drainTrims()).toEqual([3])
    await clock.pass(10 * secondMs)
    expect(drainTrims()).toEqual([6])
  })

  it('is trimmed completely when all changes are saved', async () => {
    const { clock, checkpoints, drainTrims } = setUp()
    checkpoints.add('shop', createFake(), 7)
    checkpoints.add('blog', createFake(), 3)
    checkpoints.markFolded('blog', 5)
    await clock.pass(30 * secondMs)
    expect(drainTrims()).toEqual([8])
  })

  it('is not trimmed without a checkpoint', async () => {
    const { clock, checkpoints, drainTrims } = setUp()
    checkpoints.add('shop', createFake(), 7)
    await clock.pass(10 * minuteMs)
    expect(drainTrims()).toEqual([])
  })
})

it('createCheckpoints: saves and trims nothing before start', async () => {
  const clock = createManualClock()
  const { log, drainCommits, drainTrims } = createRecordingLog(clock)
  const checkpoints = createCheckpoints({ log, clock, onError() {} })
  checkpoints.add('shop', createFake(), 0)
  checkpoints.markFolded('shop', 1)
  await clock.pass(10 * minuteMs)
  expect([drainCommits(), drainTrims()]).toEqual([[], []])
})

describe('createCheckpoints: errors', () => {
  it('saves all sites when the disk has room again, and trims nothing before', async () => {
    const { clock, checkpoints, failWrites, log, drainCommits, drainTrims } = setUp()
    const fakes = ['shop', 'blog', 'news'].map((site, index) => {
      const fake = createFake()
      checkpoints.add(site, fake, 0)
      checkpoints.markFolded(site, index + 1)
      return fake
    })
    failWrites('commit')
    await clock.pass(2 * minuteMs)
    expect([...log.store.sites()]).toEqual([])
    // A failed site does not prevent attempts for the others.
    expect(fakes.every(({ captures }) => captures > 0)).toBe(true)
    expect(drainTrims()).toEqual([])
    failWrites(undefined)
    await clock.pass(30 * secondMs)
    expect(
      drainCommits()
        .map(({ site }) => site)
        .toSorted(),
    ).toEqual(['blog', 'news', 'shop'])
  })

  it('expires buckets again after a failure', async () => {
    const { clock, checkpoints, failWrites, drainExpiries, drainTrims } = setUp()
    checkpoints.add('shop', createFake(), 0)
    checkpoints.markFolded('shop', 1)
    failWrites('expire')
    await clock.pass(30 * secondMs)
    expect(drainTrims()).toEqual([])
    expect(checkpoints.savedOffsetOf('shop')).toBe(1)
    failWrites(undefined)
    await clock.pass(30 * secondMs)
    expect(drainExpiries().map(each => each.kind === 'expire' && each.tier)).toEqual([
      'minute',
      'hour',
    ])
  })

  it('trims the log again after a failure', async () => {
    const { clock, checkpoints, failWrites, drainTrims } = setUp()
    checkpoints.add('shop', createFake(), 0)
    checkpoints.markFolded('shop', 1)
    failWrites('trim')
    await clock.pass(30 * secondMs)
    await Promise.resolve()
    failWrites(undefined)
    checkpoints.markFolded('shop', 2)
    await clock.pass(30 * secondMs)
    expect(drainTrims()).toEqual([3])
  })

  it('reports the error of a broken site, and saves the others', async () => {
    const { clock, checkpoints, errors, drainCommits } = setUp()
    const failure = new TypeError('The site is broken')
    const broken = {
      ...createFake(),
      *capture(): Generator<undefined, never> {
        yield
        throw failure
      },
    }
    checkpoints.add('shop', broken, 0)
    checkpoints.markFolded('shop', 1)
    checkpoints.add('blog', createFake(), 0)
    checkpoints.markFolded('blog', 2)
    await clock.pass(30 * secondMs)
    expect(new Set(errors)).toEqual(new Set([failure]))
    expect(drainCommits().map(({ site }) => site)).toEqual(['blog'])
  })
})

describe('createCheckpoints: close', () => {
  it('saves all changes at once and stops', async () => {
    const { clock, checkpoints, drainCommits, drainTrims } = setUp()
    for (const [index, site] of ['shop', 'blog', 'news'].entries()) {
      checkpoints.add(site, createFake(), 0)
      if (site !== 'news') checkpoints.markFolded(site, index + 1)
    }
    await checkpoints.close()
    expect(drainCommits().map(({ site }) => site)).toEqual(['shop', 'blog'])
    expect(clock.pending).toBe(0)
    checkpoints.markFolded('news', 3)
    await clock.pass(2 * hourMs)
    expect(drainCommits()).toEqual([])
    expect(drainTrims()).toEqual([])
  })

  it('trims the log completely', async () => {
    const { checkpoints, drainTrims } = setUp()
    checkpoints.add('shop', createFake(), 0)
    checkpoints.markFolded('shop', 1)
    await checkpoints.close()
    expect(drainTrims()).toEqual([2])
  })

  it('rejects on a full disk, and keeps the log', async () => {
    const { clock, checkpoints, failWrites, drainTrims } = setUp()
    checkpoints.add('shop', createFake(), 0)
    checkpoints.markFolded('shop', 1)
    failWrites('commit')
    await expect(checkpoints.close()).rejects.toThrow(LogUnavailableError)
    expect(drainTrims()).toEqual([])
    expect(clock.pending).toBe(0)
  })
})

describe('createCheckpoints: expired buckets', () => {
  it('are deleted by the default retention, plus an hour for minutes and a day for hours', async () => {
    const { clock, checkpoints, drainExpiries } = setUp()
    checkpoints.add('shop', createFake({ hour: Infinity, day: Infinity }), 0)
    checkpoints.markFolded('shop', 1)
    await clock.pass(15 * secondMs)
    const now = clock.now()
    expect(drainExpiries()).toEqual([
      { kind: 'expire', site: 'shop', tier: 'minute', before: now - 49 * hourMs },
      { kind: 'expire', site: 'shop', tier: 'hour', before: now - 91 * dayMs },
    ])
  })

  it('are deleted by other retentions, also for days', async () => {
    const retentionMs = { minute: 5 * hourMs, hour: Infinity, day: Infinity }
    const first = setUp({ retentionMs })
    const second = setUp({ retentionMs: { ...retentionMs, hour: 40 * dayMs, day: 365 * dayMs } })
    for (const { clock, checkpoints } of [first, second]) {
      checkpoints.add('shop', createFake({ hour: Infinity, day: Infinity }), 0)
      checkpoints.markFolded('shop', 1)
      await clock.pass(15 * secondMs)
    }
    const now = first.clock.now()
    const minutes = { kind: 'expire', site: 'shop', tier: 'minute', before: now - 6 * hourMs }
    expect(first.drainExpiries()).toEqual([minutes])
    expect(second.drainExpiries()).toEqual([
      minutes,
      { kind: 'expire', site: 'shop', tier: 'hour', before: now - 41 * dayMs },
      { kind: 'expire', site: 'shop', tier: 'day', before: now - 366 * dayMs },
    ])
  })

  it('are deleted for idle sites, also for one that only an import has created', async () => {
    const { clock, checkpoints, drainExpiries } = setUp()
    checkpoints.add('imported', createFake({ hour: Infinity, day: Infinity }), 0, true)
    checkpoints.add('named', createFake({ hour: Infinity, day: Infinity }), 0)
    checkpoints.add('quiet', createFake({ hour: Infinity, day: Infinity }), 7)
    await clock.pass(61 * minuteMs)
    const sites = drainExpiries().map(each => each.kind === 'expire' && each.site)
    expect(new Set(sites)).toEqual(new Set(['imported', 'quiet']))
  })

  it('are kept until coarser buckets contain them', async () => {
    const { clock, checkpoints, drainExpiries } = setUp()
    const closedBefore = { hour: clock.now() - 50 * hourMs, day: clock.now() - 92 * dayMs }
    checkpoints.add('shop', createFake(closedBefore), 0)
    checkpoints.markFolded('shop', 1)
    await clock.pass(15 * secondMs)
    expect(drainExpiries()).toMatchObject([
      { before: closedBefore.hour },
      { before: closedBefore.day },
    ])
  })
})

describe('createCheckpoints: an idle site', () => {
  function createSite(log: Log): SiteState {
    return createSiteState({
      readStored: (tier, part, from, to) =>
        log.store.read('shop', tier, part, from, to).map(({ start, bytes }) => {
          return { start, part, bytes }
        }),
    })
  }

  function view(state: SiteState, offset: number, at: number): void {
    const event = siteEvent({ at })
    state.apply({ offset, receivedAt: at, events: [event] })
  }

  it('closes its hours and days within an hour', async () => {
    const { clock, checkpoints, log } = setUp()
    const state = createSite(log)
    checkpoints.add('shop', state, 0)
    const storedOf = (tier: Tier): number[] =>
      log.store.read('shop', tier, 'totals', 0, 9e15).map(({ start }) => start)
    const at = clock.now()
    view(state, 1, at)
    checkpoints.markFolded('shop', 1)
    await clock.pass(minuteMs)
    expect([storedOf('minute'), storedOf('hour'), storedOf('day')]).toEqual([[at], [], []])
    // An hour can be closed two minutes after its end, and a checkpoint follows within 30 seconds.
    for (let minute = 0; minute < 60 + 60 + 3; minute++) {
      state.advance(clock.now())
      await clock.pass(minuteMs)
    }
    expect([storedOf('hour'), storedOf('day')]).toEqual([[at], []])
    for (let hour = 0; hour < 13; hour++) {
      state.advance(clock.now())
      await clock.pass(hourMs)
    }
    expect(storedOf('day')).toEqual([at - 12 * hourMs])
    for (let hour = 0; hour < 49; hour++) {
      state.advance(clock.now())
      await clock.pass(hourMs)
    }
    expect([storedOf('minute'), storedOf('hour')]).toEqual([[], [at]])
    const [day] = state.history.tiers.totals('day', at - dayMs, at + dayMs)
    expect(day?.start).toBe(at - 12 * hourMs)
  })
})
