/** Subset of `process` that a restart needs. */
export interface RestartableProcess {
  readonly platform: string
  readonly argv: readonly string[]
  readonly execArgv: readonly string[]
  readonly execPath: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** IPC channel to the parent process. */
  readonly channel?: object | undefined
  execve?(file: string, args: readonly string[], env: Record<string, string | undefined>): never
}

/**
 * Environment variables that reduce the memory of a server with glibc.
 *
 * - One arena: with several, each thread keeps its freed memory, which is about 30 MB for a server.
 * - A fixed threshold for `mmap`: an allocation of 128 KiB or more has its own pages, which are returned when it is
 *   freed. By default, glibc raises the threshold after the first such allocation, and copies for a checkpoint then
 *   leave holes of about 15 MB.
 */
export const mallocSettings = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072' }

/**
 * Restarts a process of `tidemark serve` once with `mallocSettings`, because glibc reads them only at the start of a
 * process. The restarted process has the same ID and open files. Does nothing where a restart is not possible, or when
 * the user has set one of the variables.
 */
export function configureMalloc(self: RestartableProcess): void {
  const { platform, argv, execArgv, execPath, env } = self
  const isServe = argv[2] === 'serve'
  const isConfigured = Object.keys(mallocSettings).some(name => env[name] !== undefined)
  // A restart closes the IPC channel.
  if (!isServe || platform !== 'linux' || isConfigured || self.channel) return
  const words = [execPath, ...execArgv, ...argv.slice(1)]
  try {
    self.execve?.(execPath, words, { ...env, ...mallocSettings })
  } catch {
    // Node's permission model forbids `execve`.
  }
}
