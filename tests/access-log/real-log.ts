import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { isbot } from 'isbot'

/**
 * Four days of a real server. The file is in a folder beside the repository and exists on development machines only.
 */
export const realLog: string = fileURLToPath(
  new URL('../../../shared/data/access.log', import.meta.url),
)
export const hasRealLog: boolean = existsSync(realLog)
export const noRealLog = 'shared/data/access.log is not beside the repository'

/** Time of the first line. */
export const realStart: number = Date.parse('2015-05-17T10:05:03Z')

export interface RealView {
  /** Text without the terminator, in Latin-1: each byte is one character. */
  line: string
  at: number
  path: string
  /** Host and user agent. */
  client: string
  agent: string
  /** Classified by user agent; a request without one is not a bot. */
  isBot: boolean
}

/**
 * Reads the expected page views of the real log with one regular expression for lines and one for paths, both
 * independent of the server's code. All its times are in UTC, and all its requests have a path.
 */
export async function readRealViews(): Promise<RealView[]> {
  const text = await readFile(realLog, 'latin1')
  const request =
    /^(\S+) - - \[(\d\d)\/May\/2015:(\d\d:\d\d:\d\d) \+0000\] "GET (\S+) HTTP\/1\.[01]" (?:200|304) (?:\d+|-) "[^\n]*" "([^"\n]*)"$/gm
  const noPage =
    /[?&]flav=(?:rss20|atom)$|^[^?]*\/[^/?]*\.(?!x?html(?:$|\?)|php(?:$|\?))[a-z][a-z0-9]*(?:$|\?)/i
  const views: RealView[] = []
  for (const [line, host, day, time, target = '', agent = ''] of text.matchAll(request)) {
    if (noPage.test(target)) continue
    const { pathname: path } = new URL(`http://host.example${target}`)
    const at = Date.parse(`2015-05-${day}T${time}Z`)
    const isBot = agent !== '-' && isbot(agent)
    views.push({ line, at, path, client: `${host} ${agent}`, agent, isBot })
  }
  return views
}
