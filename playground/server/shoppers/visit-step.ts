/** One event of a visit, and the pause after it. */
export interface VisitStep {
  readonly name: string
  readonly path: string
  readonly title: string
  /** Query of the page's address. @default none */
  readonly query?: string
  /** Referrer URL of a page view; empty for none. Absent in other events. */
  readonly referrer?: string
  readonly properties: Readonly<Record<string, string | number | boolean>>
  readonly value?: number
  /** Time to the next step, or to the end of the visit, in milliseconds. */
  readonly pauseMs: number
}
