import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { isbot } from 'isbot'

/** Four days of a real server, in a folder that is beside the repository where it is made, and nowhere else. */
export const realLog: string = fileURLToPath(
  new URL('../../../shared/data/access.log', import.meta.url),
)
export const hasRealLog: boolean = existsSync(realLog)
export const noRealLog = 'the shared folder with the real log is not beside the repository'

/** When the first line of it is from. */
export const realStart: number = Date.parse('2015-05-17T10:05:03Z')

export interface RealView {
  /** Without its end, and each byte of it as one character. */
  line: string
  at: number
  path: string
  /** Host and agent. */
  who: string
  agent: string
  /** One that does not say what it is is not known for a bot. */
  isBot: boolean
}

/**
 * The page views that should be in the real log, told by one expression for a line and one for a path,
 * neither of which is the server's. Its times are all in UTC, its requests all have a path.
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
    views.push({ line, at, path, who: `${host} ${agent}`, agent, isBot })
  }
  return views
}
