import { onScopeDispose } from 'vue'

/**
 * Runs a task at once and then again and again while the page is shown, each time `pauseMs` after it
 * has ended, until the scope is disposed of.
 * @param task is aborted through the signal when it is not wanted any more
 * @returns runs the task now, without waiting for the pause to end
 */
export function useEvery(
  pauseMs: number,
  task: (signal: AbortSignal) => Promise<void>,
): () => Promise<void> {
  const ending = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined

  async function run(): Promise<void> {
    clearTimeout(timer)
    if (!document.hidden) await task(ending.signal)
    clearTimeout(timer)
    if (!ending.signal.aborted) timer = setTimeout(() => void run(), pauseMs)
  }

  function onVisible(): void {
    if (!document.hidden) void run()
  }

  document.addEventListener('visibilitychange', onVisible)
  onScopeDispose(() => {
    ending.abort()
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', onVisible)
  })
  void run()
  return run
}
