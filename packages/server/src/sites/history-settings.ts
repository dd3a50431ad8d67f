import type { Settings } from '../log/log.ts'
import { defaultBounds } from '../rollup/bounds.ts'
import { type RetentionMs, defaultRetentionMs } from '../rollup/history/retention.ts'
import { type Tier, tiers } from '../rollup/history/tier.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** How history is counted and kept. */
export interface HistorySettings {
  readonly retentionMs: RetentionMs
  /** How long a visitor may be quiet within a session, in milliseconds. */
  readonly sessionGapMs: number
}

/** The same as somebody wants it; what they do not say is as before. */
export interface RequestedHistory {
  retentionMs?: Partial<RetentionMs> | undefined
  sessionGapMs?: number | undefined
}

export const defaultHistory: HistorySettings = {
  retentionMs: defaultRetentionMs,
  sessionGapMs: defaultBounds.sessionGapMs,
}

/** An hour is made of its minutes when it is over, and what is late is two days late at most. */
const leastMs: RetentionMs = { minute: 2 * hourMs, hour: 2 * dayMs, day: 2 * dayMs }
const sessionGapBoundsMs = { least: 60_000, most: dayMs }

const settingName = 'history'

/**
 * How a server's history is kept, which is kept beside it: as it is wanted, else as before, else the default.
 * @throws {TypeError} when it cannot be
 * @throws {LogUnavailableError} when it is another than before and cannot be kept
 */
export function resolveHistorySettings(
  settings: Settings,
  wanted: RequestedHistory,
): HistorySettings {
  const text = settings.get(settingName)
  const kept = text === undefined ? defaultHistory : read(text)
  checkForm(wanted)
  const said = Object.entries(wanted.retentionMs ?? {}).filter(([, each]) => each !== undefined)
  const history: HistorySettings = {
    retentionMs: { ...kept.retentionMs, ...Object.fromEntries(said) },
    sessionGapMs: wanted.sessionGapMs ?? kept.sessionGapMs,
  }
  check(history)
  const written = write(history)
  if (written !== text && (text !== undefined || written !== write(defaultHistory))) {
    settings.set(settingName, written)
  }
  return history
}

/** JavaScript has no types. */
function checkForm({ retentionMs = {}, sessionGapMs }: RequestedHistory): void {
  const isMap = typeof retentionMs === 'object' && retentionMs !== null
  const unknown = isMap && Object.keys(retentionMs).find(key => !tiers.some(tier => tier === key))
  if (!isMap || unknown !== undefined) {
    throw new TypeError('`retentionMs` takes an object with `minute`, `hour` and `day`.')
  }
  for (const ms of [...Object.values(retentionMs), sessionGapMs]) {
    if (ms !== undefined && typeof ms !== 'number') {
      throw new TypeError('Times of history are numbers of milliseconds.')
    }
  }
}

function check({ retentionMs, sessionGapMs }: HistorySettings): void {
  const { least, most } = sessionGapBoundsMs
  if (!(sessionGapMs >= least && sessionGapMs <= most)) {
    throw new TypeError('A session ends after a minute to a day without an event.')
  }
  let finer = 0
  for (const tier of tiers) {
    const ms = retentionMs[tier]
    if (!(ms >= leastMs[tier])) {
      throw new TypeError(
        `History by ${tier}s is kept for ${leastMs[tier] / hourMs} hours at least.`,
      )
    }
    if (ms < finer) {
      throw new TypeError(
        `History by ${tier}s has to be kept at least as long as by what is finer, and that is ${finer / hourMs} hours.`,
      )
    }
    finer = ms
  }
}

type Written = Record<Tier, number | null> & { sessionGapMs: number }

/** JSON has no infinity. */
function write({ retentionMs, sessionGapMs }: HistorySettings): string {
  const finite = (tier: Tier): number | null =>
    retentionMs[tier] === Infinity ? null : retentionMs[tier]
  const written: Written = {
    minute: finite('minute'),
    hour: finite('hour'),
    day: finite('day'),
    sessionGapMs,
  }
  return JSON.stringify(written)
}

/** It was written by `write`. */
function read(text: string): HistorySettings {
  const { minute, hour, day, sessionGapMs } = JSON.parse(text) as Written
  return {
    retentionMs: { minute: minute ?? Infinity, hour: hour ?? Infinity, day: day ?? Infinity },
    sessionGapMs,
  }
}
