/** Limits concurrency. Waiting callers continue in the order in which they called `acquire`. */
export interface Semaphore {
  /** Resolves when a permit is free. */
  acquire(): Promise<void>
  release(): void
}

export function createSemaphore(permits: number): Semaphore {
  const waiting: (() => void)[] = []
  let free = permits
  return {
    acquire() {
      if (free === 0) return new Promise(resolve => void waiting.push(resolve))
      free--
      return Promise.resolve()
    },
    release() {
      const next = waiting.shift()
      if (next) next()
      else free++
    },
  }
}
