/** A page view of a person in a generated log. */
export interface View {
  at: number
  path: string
  /** Host and user agent. */
  client: string
}

/** A generated log of many days, with the page views that it contains. */
export interface HistoryLog {
  /** Lines with their terminators. */
  lines: string[]
  views: View[]
  /** Times of the page views of bots. */
  bots: number[]
}

const paths = ['/', '/about', '/products/', '/blog/a', '/blog/b', '/cart', '/caf%C3%A9']
const agents = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0',
]
const bots = [
  'curl/8.5.0',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
]
const others = [
  'GET /style.css HTTP/1.1" 200',
  'GET /missing HTTP/1.1" 404',
  'POST / HTTP/1.1" 200',
]

/** Creates a deterministic random generator (linear congruential, Numerical Recipes). */
function createNumbers(): (below: number) => number {
  let state = 7
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** Creates a log of requests between two times: some slightly out of order, some duplicated, and one empty line. */
export function createHistoryLog(count: number, from: number, to: number): HistoryLog {
  const below = createNumbers()
  const pick = (list: readonly string[]): string => list[below(list.length)] ?? ''
  const log: HistoryLog = { lines: ['\n'], views: [], bots: [] }

  function addLine(at: number): void {
    const host = `203.0.113.${below(60)}`
    const isBot = below(10) === 0
    const agent = isBot ? pick(bots) : pick(agents)
    const isView = below(3) > 0
    const path = pick(paths)
    const request = isView ? `GET ${path}?q=${below(5)} HTTP/1.1" 200` : pick(others)
    const line = `${host} - - [${formatTime(at)}] "${request} 512 "-" "${agent}"\n`
    const copies = below(50) === 0 ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      log.lines.push(line)
      if (isView && isBot) log.bots.push(at)
      else if (isView) log.views.push({ at, path, client: `${host} ${agent}` })
    }
  }

  for (let i = 0; i < count; i++) {
    const at = from + ((to - from) * i) / count - below(120) * 1000
    addLine(Math.floor(at / 1000) * 1000)
  }
  return log
}

/** `17/May/2015:12:05:03 +0000` */
export function formatTime(at: number): string {
  const [, day, month, year, time] = new Date(at).toUTCString().split(' ')
  return `${day}/${month}/${year}:${time} +0000`
}
