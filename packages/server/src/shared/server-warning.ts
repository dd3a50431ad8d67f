/** Kinds of conditions. Each has its own lines in the log, and its own count in the metrics. */
export const warningKinds = [
  'clock_jump',
  'data_ahead',
  'storage_lost',
  'storage_back',
  'disk_failed',
  'disk_back',
  'damage',
  'limit',
  'authorize_timeout',
  'configuration',
] as const

export type WarningKind = (typeof warningKinds)[number]

/** Values of one condition, for programs that read the log. Never a value that a client has sent. */
export type WarningFields = Readonly<Record<string, string | number | readonly string[]>>

/** A condition that the operator should know, while the server keeps working. Its message is one sentence or two. */
export class ServerWarning extends Error {
  override readonly name = 'ServerWarning'
  /** @default 'configuration' */
  readonly kind: WarningKind
  readonly fields: WarningFields

  constructor(message: string, kind: WarningKind = 'configuration', fields: WarningFields = {}) {
    super(message)
    this.kind = kind
    this.fields = fields
  }
}

/** Creates a function that reports a warning at its first call, and does nothing afterward. */
export function createWarning(report: (error: unknown) => void, message: string): () => void {
  let isReported = false
  return () => {
    if (isReported) return
    isReported = true
    report(new ServerWarning(message))
  }
}

/** Creates a function that reports, at each call, that a limit took effect. The log sums up frequent reports. */
export function createLimitWarning(
  report: (error: unknown) => void,
  limit: string,
  message: string,
): () => void {
  // One object for all calls: a flood of refused connections should cost little.
  const warning = new ServerWarning(message, 'limit', { limit })
  return () => report(warning)
}
