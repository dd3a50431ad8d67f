import { onScopeDispose } from 'vue'

/**
 * Runs a task repeatedly while the page is visible, with `pauseMs` between the end of one run and the start
 * of the next. Starts immediately; stops when the Vue scope is disposed.
 * @param task receives a signal that aborts when the scope is disposed
 * @returns a function that runs the task immediately, without the pause
 */
export function usePolling(
  pauseMs: number,
  task: (signal: AbortSignal) => Promise<void>,
): () => Promise<void> {
  const stopping = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined

  async function run(): Promise<void> {
    clearTimeout(timer)
    if (!document.hidden) await task(stopping.signal)
    clearTimeout(timer)
    if (!stopping.signal.aborted) timer = setTimeout(() => void run(), pauseMs)
  }

  function onVisible(): void {
    if (!document.hidden) void run()
  }

  document.addEventListener('visibilitychange', onVisible)
  onScopeDispose(() => {
    stopping.abort()
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', onVisible)
  })
  void run()
  return run
}
