import { readFileSync, readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'puppeteer-core'
import { expect } from 'vitest'
import type { PersonBrowser } from './person-browser.ts'

/**
 * Finds the content process of a tab.
 * @returns a function that crashes the process, and with it the tab
 */
export async function prepareCrash(
  { kind, browser }: PersonBrowser,
  page: Page,
): Promise<() => Promise<void>> {
  if (kind === 'firefox') {
    const pid = await findFirefoxProcess(page, browser.process()?.pid ?? 0)
    return async () => {
      process.kill(pid, 'SIGKILL')
      await expect.poll(() => isAlive(page), { timeout: 10_000, interval: 20 }).toBe(false)
    }
  }
  const session = await page.createCDPSession()
  return async () => {
    const crashed = new Promise(resolve => page.once('error', resolve))
    // The command has no answer.
    session.send('Page.crash').catch(() => {})
    await crashed
  }
}

/** Whether the process of a tab runs. Firefox reports an error for a crashed tab, Chromium nothing. */
export function isAlive(page: Page): Promise<boolean> {
  const answer = page.evaluate('true').then(
    () => true,
    () => false,
  )
  return Promise.race([answer, sleep(answerTimeoutMs, false)])
}

/** Longest time for an answer of a tab that has not crashed, in milliseconds. */
const answerTimeoutMs = 5000

/** Processor time that identifies the process of a tab, in milliseconds. */
const busyMs = 300

/** No command tells the process of a tab, so the tab keeps it busy. The processes must be on this machine (Linux). */
async function findFirefoxProcess(page: Page, browserPid: number): Promise<number> {
  const before = new Map(readTabProcesses(browserPid).map(({ pid, ticks }) => [pid, ticks]))
  await page.evaluate(ms => {
    const end = performance.now() + ms
    while (performance.now() < end);
  }, busyMs)
  await sleep(20)
  const [busiest] = readTabProcesses(browserPid)
    .map(({ pid, ticks }) => ({ pid, used: ticks - (before.get(pid) ?? 0) }))
    .toSorted((a, b) => b.used - a.used)
  if (!busiest) throw new Error('Firefox has no process of a tab.')
  return busiest.pid
}

/** Reads the processes of the tabs of a Firefox, which are children of its fork server, and their processor time. */
function readTabProcesses(browserPid: number): { pid: number; ticks: number }[] {
  const processes = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      try {
        // Fields from the third: state, parent, … and at 14 and 15 the times. The second may contain spaces.
        const fields = readFileSync(`/proc/${name}/stat`, 'utf8')
          .replace(/^.*\) /, '')
          .split(' ')
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
        const ticks = Number(fields[11]) + Number(fields[12])
        return [{ pid: Number(name), parent: Number(fields[1]), ticks, command }]
      } catch {
        // The process has just ended.
        return []
      }
    })
  const parents = new Set([browserPid])
  for (const { pid, parent } of processes) if (parent === browserPid) parents.add(pid)
  return processes.filter(({ parent, command }) => parents.has(parent) && command.endsWith(' tab'))
}
