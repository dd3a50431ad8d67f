import type { TrackedEvent } from '@tidemark/protocol'

/** Events of visitors with the same browser and country, which one request can therefore carry. */
export interface PastGroup {
  readonly userAgent: string
  readonly country: string
  /** Size of the screen in CSS pixels. */
  readonly screen?: string
  /** Preferred language as a BCP 47 tag. */
  readonly language?: string
  readonly events: TrackedEvent[]
}
