import { eventNames } from '@tidemark/protocol'

/** One event of a visit, and the pause after it. */
export interface VisitStep {
  readonly name: string
  readonly path: string
  readonly title: string
  /** Query of the page's address. @default none */
  readonly query?: string
  /** Referrer of the first page view; empty for none. Later views follow a link of the shop. Absent in other events. */
  readonly referrer?: string
  readonly properties: Readonly<Record<string, string | number | boolean>>
  readonly value?: number
  /** Time to the next step, or to the end of the visit, in milliseconds. */
  readonly pauseMs: number
}

/**
 * Returns the referrer that the tracker sends with a step: that of the first page view, else the page before; `undefined`
 * for other events.
 */
export function referrerOf(
  { name, referrer }: VisitStep,
  pageBefore: string | undefined,
): string | undefined {
  return name === eventNames.pageView ? (referrer ?? pageBefore ?? '') : undefined
}
