import { adoptionGapMs, maxAdoptionDelayMs } from './limits.ts'
import type { Outbox } from './outbox.ts'
import type { SenderOptions } from './sender.ts'

/** Takes over the stored events that other pages have left behind. */
export interface Adoption {
  /** Searches soon for events to send, at most every 30 seconds. Call it when the server has answered. */
  searchAfterAnswer(): void
  /** Deletes soon what exceeds the limits of the storage, and sends nothing. */
  bound(): void
}

export interface AdoptionOptions extends Pick<SenderOptions, 'host' | 'later' | 'now'> {
  outbox: Outbox
  /** Sends the events of the outbox soon. */
  schedule(): void
}

export function createAdoption({ host, now, later, outbox, schedule }: AdoptionOptions): Adoption {
  let nextAt = 0

  /** The delay is random, so that tabs do not search together. */
  function search(adopts: boolean): void {
    later(host.Math.random() * maxAdoptionDelayMs, () => {
      if (!outbox.isDurable) return
      const left = outbox.readLeft(host.Date.now())
      if (adopts) left.forEach(outbox.add)
      schedule()
    })
  }

  return {
    searchAfterAnswer() {
      if (now() < nextAt) return
      nextAt = now() + adoptionGapMs
      search(true)
    },
    bound: () => search(false),
  }
}
