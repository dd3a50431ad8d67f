import type { NotReadyReason } from './routes/ready.ts'

export interface ReadinessOptions {
  /** Resolves when the log is recovered. */
  ready: Promise<unknown>
  /** Returns whether data files have disappeared. */
  isStorageLost(): boolean
  /** Returns whether the disk cannot be written. */
  isStorageFailing(): boolean
}

export interface Readiness {
  readonly reasonOf: NotReadyReason
  /** Makes the server not ready for good. */
  close(): void
}

/** Decides whether a load balancer may send requests to the server. */
export function createReadiness({
  ready,
  isStorageLost,
  isStorageFailing,
}: ReadinessOptions): Readiness {
  let state: 'recovering' | 'failed' | 'open' | 'closing' = 'recovering'
  void ready.then(
    () => {
      if (state === 'recovering') state = 'open'
    },
    () => {
      state = 'failed'
    },
  )
  return {
    reasonOf() {
      if (state === 'recovering') return 'The server reads its log.'
      if (state === 'failed') return 'The server could not read its log.'
      if (state === 'closing') return 'The server is closing.'
      if (isStorageFailing()) return 'The disk cannot be written, for example because it is full.'
      return isStorageLost() ? 'The data files were deleted or replaced.' : undefined
    },
    close() {
      state = 'closing'
    },
  }
}
