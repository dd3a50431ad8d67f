/** Commits one checkpoint at a time in the background, so that reading continues during a commit. */
export interface BackgroundCommits {
  /**
   * Waits for the previous commit, then starts one.
   * @throws the error of the previous commit
   */
  start(): Promise<void>
  /**
   * Commits everything that is not committed, including the content of a failed commit, and waits for it.
   * @throws the error of this commit
   */
  finish(): Promise<void>
}

/** @param commit starts a commit; resolves when it is durable */
export function createBackgroundCommits(commit: () => Promise<void>): BackgroundCommits {
  /** Resolves after the last commit, with its error if it failed. */
  let last: Promise<Error | undefined> = Promise.resolve(undefined)

  async function attempt(): Promise<Error | undefined> {
    try {
      await commit()
      return undefined
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
  }

  async function throwLastError(): Promise<void> {
    const error = await last
    if (error) throw error
  }

  return {
    async start() {
      await throwLastError()
      last = attempt()
    },
    async finish() {
      await last
      last = attempt()
      await throwLastError()
    },
  }
}
