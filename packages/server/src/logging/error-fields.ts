/** Class, code and place of an unexpected error, without its message. */
export interface ErrorFields {
  readonly error: string
  readonly code?: string
  /** Calls that led to the error, the last one first; at most eight. */
  readonly stack?: readonly string[]
}

const maxFrames = 8

/**
 * Describes an unexpected error for the log. Its message is left out: that of a parser quotes the input, and that of a
 * host's function may name anything.
 */
export function toErrorFields(error: unknown): ErrorFields {
  if (!(error instanceof Error)) return { error: typeof error }
  const code = 'code' in error ? error.code : undefined
  const stack = framesOf(error)
  return {
    error: nameOf(error),
    ...(typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code) && { code }),
    ...(stack.length > 0 && { stack }),
  }
}

/** Returns the name of the error's class. `name` is not used, because a program may set it to any text. */
function nameOf(error: Error): string {
  const name: unknown = error.constructor.name
  return typeof name === 'string' && /^\w{1,60}$/.test(name) ? name : 'Error'
}

/** Returns the calls of a stack. The text before them contains the message, also when it looks like calls. */
function framesOf({ stack = '', message }: Error): string[] {
  const start = stack.indexOf(message)
  if (start < 0) return []
  const lines = stack.slice(start + message.length).split('\n')
  const frames = lines.flatMap(line => {
    const [, call] =
      /^ {4}at ((?:[\w.<>$# [\]]+ \()?(?:file:|node:|\/)[^\s?]*:\d+:\d+\)?)$/.exec(line) ?? []
    return call === undefined ? [] : [call]
  })
  return frames.slice(0, maxFrames)
}
