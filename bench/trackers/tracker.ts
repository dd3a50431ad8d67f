/** A tracker in one configuration, as the comparison loads and reads it. */
export interface Tracker {
  /** Name in the tables. */
  readonly name: string
  /** Name of its npm package; `undefined` for the tracker of this workspace. */
  readonly packageName?: string
  /** The file or entry that is bundled, as Markdown. */
  readonly source: string
  /** Differences from an empty configuration, as Markdown. */
  readonly configuration: string
  readonly script: TrackerScript
  /** Key of the event's name in its payloads. */
  readonly nameKey: string
  /** Answer of its server to a request. A missing body is empty, a missing status is 200. */
  readonly answer: Answer | ((url: URL) => Answer)
}

export interface Answer {
  readonly status?: number
  readonly body?: string
  readonly type?: string
}

export type TrackerScript =
  | {
      readonly kind: 'module'
      /**
       * Source of the page's module, which imports the tracker. It reads the collector's URL from `collector` and
       * defines `trackEvent(name)`.
       */
      readonly entry: string
    }
  | {
      readonly kind: 'tag'
      /** Path of a classic script, from the folder of the installed packages, or an absolute one. */
      readonly path: string
      /** Whether the file is a source that must be minified first. */
      readonly isSource?: boolean
      /** Attributes of the tag, for a collector's URL. */
      readonly attributes: (collectorUrl: string) => Readonly<Record<string, string>>
      /** JavaScript expression that tracks the event `name`. */
      readonly call: string
    }

/** Returns an answer with a JSON body. */
export function json(value: unknown, status = 200): Answer {
  return { status, body: JSON.stringify(value), type: 'application/json' }
}
