import process from 'node:process'

/** Measures the longest turn of the event loop while `run` works, in milliseconds of processor time. */
export async function measureLongestTurnMs(run: () => Promise<unknown>): Promise<number> {
  let before = process.threadCpuUsage()
  let longest = 0
  let isRunning = true
  const measure = (): void => {
    const { user, system } = process.threadCpuUsage(before)
    longest = Math.max(longest, user + system)
    before = process.threadCpuUsage()
    if (isRunning) setImmediate(measure)
  }
  measure()
  await run()
  isRunning = false
  measure()
  return longest / 1000
}
