import type { Log } from '../log/log.ts'
import type { Clock } from '../shared/clock.ts'
import { ServerWarning } from '../shared/server-warning.ts'

/** Time between two checks, in milliseconds. */
const checkMs = 1000

export interface StorageWatchOptions {
  log: Pick<Log, 'checkFiles' | 'isFailing' | 'probe'>
  clock: Clock
  /** Receives a `ServerWarning` when data files disappear, and when they are back. */
  onError(error: unknown): void
}

export interface StorageWatch {
  /** Whether data files had disappeared at the last check. */
  readonly isLost: boolean
  /** Whether the disk could not be written at the last attempt, as when it is full. */
  readonly isFailing: boolean
  stop(): void
}

/** Checks every second that the data files are still in their directory. */
export function watchStorage({ log, clock, onError }: StorageWatchOptions): StorageWatch {
  let isLost = false
  let wasFailing = false
  let cancel = clock.after(checkMs, check)

  function check(): void {
    cancel = clock.after(checkMs, check)
    checkDisk()
    const missing = log.checkFiles()
    if (isLost === missing.length > 0) return
    isLost = missing.length > 0
    onError(
      new ServerWarning(
        isLost
          ? `Data files were deleted or replaced while the server runs: ${missing.join(', ')}. Events are refused with ` +
              '503, because a restart would lose them. Stop the server, restore the files, and start it again.'
          : 'The deleted data files are back, and events are accepted again.',
        isLost ? 'storage_lost' : 'storage_back',
        { files: missing },
      ),
    )
  }

  /** Reports a disk that cannot be written, and tries it again until it can. */
  function checkDisk(): void {
    const { isFailing } = log
    if (isFailing) void log.probe()
    if (isFailing === wasFailing) return
    wasFailing = isFailing
    onError(
      isFailing
        ? new ServerWarning(
            'The disk cannot be written, for example because it is full. Events are refused with 503 meanwhile. The ' +
              'server tries again every second.',
            'disk_failed',
          )
        : new ServerWarning('The disk can be written again, and events are accepted.', 'disk_back'),
    )
  }

  return {
    get isFailing() {
      return log.isFailing
    },
    get isLost() {
      return isLost
    },
    stop: () => cancel(),
  }
}
