/** What there is to know of a process, and how it begins anew. */
export interface Restartable {
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
 * glibc keeps what was freed apart for each thread, which of a server is some thirty megabytes. That is settled
 * before a process begins, so one that serves begins anew, once: it has the same id then, and what it had open.
 * Where it cannot, or somebody has settled it already, it goes on as it is.
 */
export function useOneArena(self: Restartable): void {
  const { platform, argv, execArgv, execPath, env } = self
  const isToServe = argv[2] === 'serve'
  const isSettled = platform !== 'linux' || env['MALLOC_ARENA_MAX'] !== undefined
  // The channel would not be there any more.
  if (!isToServe || isSettled || self.channel) return
  const words = [execPath, ...execArgv, ...argv.slice(1)]
  try {
    self.execve?.(execPath, words, { ...env, MALLOC_ARENA_MAX: '1' })
  } catch {
    // Node's permission model forbids it.
  }
}
