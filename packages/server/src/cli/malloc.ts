/** What there is to know of a process, and how it begins anew. */
export interface RestartableProcess {
  readonly platform: string
  readonly argv: readonly string[]
  readonly execArgv: readonly string[]
  readonly execPath: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** To a parent that talks with it. */
  readonly channel?: object | undefined
  execve?(file: string, args: readonly string[], env: Record<string, string | undefined>): never
}

/**
 * What glibc is told by the environment of a process that serves. One arena: what was freed is kept apart for each
 * thread otherwise, which of a server is some thirty megabytes. And what is 128 KiB or larger always has pages of
 * its own, which go when it is freed: after the first of that size glibc stops doing so, and then what a checkpoint
 * copied leaves holes of some fifteen megabytes.
 */
export const mallocSettings = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072' }

/**
 * That is settled before a process begins, so one that serves begins anew, once: it has the same id then, and what
 * it had open. Where it cannot, or somebody has settled it already, it goes on as it is.
 */
export function configureMalloc(self: RestartableProcess): void {
  const { platform, argv, execArgv, execPath, env } = self
  const isToServe = argv[2] === 'serve'
  const isSettled = Object.keys(mallocSettings).some(name => env[name] !== undefined)
  // The channel would not be there any more.
  if (!isToServe || platform !== 'linux' || isSettled || self.channel) return
  const words = [execPath, ...execArgv, ...argv.slice(1)]
  try {
    self.execve?.(execPath, words, { ...env, ...mallocSettings })
  } catch {
    // Node's permission model forbids it.
  }
}
