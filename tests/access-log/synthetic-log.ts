/** A generated log, with the page views that it contains. */
export interface SyntheticLog {
  text: string
  lines: number
  /** Time of the first entry, in milliseconds since 1970. */
  t0: number
  /** Paths and log times of the page views; times in milliseconds since 1970. */
  pageViews: { path: string; at: number }[]
}

const start = Date.UTC(2024, 1, 28, 22, 0, 0)

/** Request lines of page views, each with the path by which it counts. */
const pages: [request: string, path: string][] = [
  ['GET / HTTP/1.1', '/'],
  ['GET /?utm_source=news&q=%22x%22 HTTP/1.1', '/'],
  ['GET /products/ HTTP/2.0', '/products/'],
  ['GET /products HTTP/1.0', '/products'],
  ['GET /about.html', '/about.html'],
  ['GET http://shop.example/cart?id=1 HTTP/1.1', '/cart'],
  [String.raw`GET /caf\xc3\xa9/\"menu\" HTTP/1.1`, '/caf%C3%A9/%22menu%22'],
  ['GET /caf%C3%A9/%22menu%22 HTTP/1.1', '/caf%C3%A9/%22menu%22'],
  ['GET /a/../b//c HTTP/1.1', '/b//c'],
  ['GET /release-2.0 HTTP/1.1', '/release-2.0'],
  ['GET /__proto__ HTTP/1.1', '/__proto__'],
  ['GET /constructor HTTP/1.1', '/constructor'],
]

const others = [
  '"GET /style.css HTTP/1.1" 200 10',
  '"GET /favicon.ico HTTP/1.1" 304 -',
  '"GET /?flav=rss20 HTTP/1.1" 200 10',
  '"GET /blog/feed/ HTTP/1.1" 200 10',
  '"GET /missing HTTP/1.1" 404 10',
  '"GET /old HTTP/1.1" 301 10',
  '"HEAD / HTTP/1.1" 200 -',
  '"POST / HTTP/1.1" 200 10',
  '"GET / HTTP/1.1" 206 10',
  String.raw`"\x16\x03\x01" 400 226`,
  '"-" 408 -',
]

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0'

/** Creates a deterministic random generator (linear congruential, Numerical Recipes). */
function createNumbers(): (below: number) => number {
  let state = 1
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** Creates two days of requests in both formats: some out of order, some in another time zone, some not requests. */
export function createSyntheticLog(count: number): SyntheticLog {
  const below = createNumbers()
  const pick = <T>(list: readonly T[]): T => {
    const item = list[below(list.length)]
    if (item === undefined) throw new Error('The list is empty.')
    return item
  }
  const pageViews = [{ path: '/', at: start }]
  const lines = ['192.0.2.1 - - [28/Feb/2024:22:00:00 +0000] "GET / HTTP/1.1" 200 5120']
  for (let i = 1; i < count; i++) lines.push(createLine(i))

  function createLine(i: number): string {
    const at = start + Math.floor((i / count) * 172_000) * 1000 + (below(90) - 45) * 1000
    const host = pick([`192.0.2.${below(250)}`, `2001:db8::${below(100)}`, 'host.example'])
    const head = `${host} - ${pick(['-', 'frank', 'john doe'])} [${formatTime(at, pick([0, 120, -210]))}]`
    const tail = pick([
      '',
      ' "-" "-"',
      ` "http://a.example/" "${firefox} \\"one\\""`,
      ` "-" "${firefox}"`,
    ])
    if (below(50) === 0)
      return pick(['garbage', `${head} "GET /cut HTTP/1.1" 200 1 "http://cu`, '#'])
    if (below(3) === 0) return `${head} ${pick(others)}${tail}`
    const [request, path] = pick(pages)
    pageViews.push({ path, at })
    return `${head} "${request}" ${pick(['200 5120', '304 -', '203 1'])}${tail}`
  }

  return { text: `${lines.join('\r\n')}\n`, lines: count, t0: start, pageViews }
}

/** `17/May/2015:12:05:03 +0200` */
function formatTime(at: number, zoneMinutes: number): string {
  const local = new Date(at + zoneMinutes * 60_000)
  const [weekday, day, month, year, time] = local.toUTCString().split(' ')
  const zone = Math.abs(zoneMinutes)
  const offset = `${Math.floor(zone / 60)}`.padStart(2, '0') + `${zone % 60}`.padStart(2, '0')
  if (!weekday) throw new Error('The date is invalid.')
  return `${day}/${month}/${year}:${time} ${zoneMinutes < 0 ? '-' : '+'}${offset}`
}
