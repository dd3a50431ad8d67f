import type { Host } from './host.ts'
import { adoptionGapMs, maxAdoptionDelayMs } from './limits.ts'
import type { Later } from './request.ts'

/**
 * Creates a search for the stored events that other pages have left behind. It deletes what exceeds the limits of the
 * storage. If it adopts, it also sends the others, and runs at most every 30 seconds.
 * @param isDurable whether the storage may be used
 * @param bound searches the storage
 * @param schedule sends the events of the outbox soon
 */
export function createAdoption(
  host: Host,
  now: () => number,
  later: Later,
  isDurable: () => boolean,
  bound: (now: number, adopts: boolean) => void,
  schedule: () => void,
): (adopts: boolean) => void {
  let nextAt = 0
  return adopts => {
    if (adopts) {
      if (now() < nextAt) return
      nextAt = now() + adoptionGapMs
    }
    // The delay is random, so that tabs do not search together.
    later(() => {
      if (!isDurable()) return
      bound(host.Date.now(), adopts)
      schedule()
    }, host.Math.random() * maxAdoptionDelayMs)
  }
}
