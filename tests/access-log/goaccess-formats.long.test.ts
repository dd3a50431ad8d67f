import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, expect, it } from 'vitest'
import { makeDirectory } from '../../packages/server/src/testing/directory.ts'
import { installTimeoutMs, missingProgramReason, requireProgram } from '../../scripts/program.ts'
import { expectSame, importLog } from './goaccess-import.ts'
import { optionsLikeTidemark, runGoAccess } from './goaccess.ts'
import { createHistoryLog } from './history-log.ts'

/** Compares imports of one site's requests in several formats with GoAccess on the same files. */

let goaccess = ''
beforeAll(async () => {
  goaccess = (await requireProgram('goaccess')) ?? ''
}, installTimeoutMs)
beforeEach(({ skip }) => skip(goaccess === '', missingProgramReason('goaccess')))

interface Request {
  client: string
  /** `17/Mar/2024:10:05:03 +0000` */
  time: string
  /** `2024-03-17` and `10:05:03` */
  date: string
  clock: string
  request: string
  path: string
  query: string
  status: string
  agent: string
}

const pattern =
  /^(\S+) - - \[([^\]]+)\] "(GET ([^?" ]*)\??(\S*) HTTP\/1\.1)" (\d+) 512 "-" "([^"]*)"$/

/** Requests of three days by people and bots, without `POST`, which GoAccess counts as page views. */
function createRequests(): Request[] {
  const { lines } = createHistoryLog(300, Date.UTC(2024, 2, 2), Date.UTC(2024, 2, 5))
  return lines.flatMap(line => {
    const match = pattern.exec(line.trim())
    if (!match) return []
    const [, client = '', time = '', request = '', path = '', query = '', status = '', agent = ''] =
      match
    const iso = new Date(Date.parse(time.replace(/\//g, ' ').replace(':', ' '))).toISOString()
    const [date = '', clock = ''] = iso.slice(0, 19).split('T')
    return [{ client, time, date, clock, request, path, query, status, agent }]
  })
}

interface Format {
  name: string
  /** Name of GoAccess's format, or its own text with the formats of date and time. */
  theirs: readonly string[]
  /** Lines before the requests. */
  head?: string
  toLine(request: Request): string
}

const clf = ({ time, request, status }: Request): string =>
  `- - [${time}] "${request}" ${status} 512`
const combined = (each: Request): string => `${clf(each)} "-" "${each.agent}"`
const plus = (text: string): string => text.replaceAll(' ', '+')
const own = (format: string): string[] => [
  `--log-format=${format}`,
  '--date-format=%d/%b/%Y',
  '--time-format=%T',
]

const cloudfrontEnd = ['-', '-', 'Hit', 'id==', 'shop.example', 'https', '23', '0.001', '-']
const tls = ['TLSv1.2', 'ECDHE-RSA-AES128-GCM-SHA256', 'Hit', 'HTTP/2.0', '-', '-']

const formats: readonly Format[] = [
  {
    name: 'nginx-forwarded',
    theirs: own('%^ - %^ [%d:%t %^] "%r" %s %b "%R" "%u" "~h{, }"'),
    toLine: each => `10.0.0.2 ${combined(each)} "${each.client}"`,
  },
  {
    name: 'a time before the referrer',
    theirs: own('%h %^[%d:%t %^] "%r" %s %b %T "%R" "%u"'),
    toLine: each => `${each.client} ${clf(each)} 0.013 "-" "${each.agent}"`,
  },
  {
    name: 'caddy-json',
    theirs: ['--log-format=CADDY'],
    toLine: ({ client, date, clock, path, query, status, agent }) =>
      JSON.stringify({
        ...{ level: 'info', ts: Date.parse(`${date}T${clock}Z`) / 1000 + 0.25 },
        request: {
          ...{ remote_ip: client, client_ip: client, proto: 'HTTP/2.0', method: 'GET' },
          ...{ host: 'shop.example', uri: query === '' ? path : `${path}?${query}` },
          ...{ headers: { 'User-Agent': [agent] } },
        },
        ...{ duration: 0.001, size: 512, status: Number(status) },
      }),
  },
  {
    name: 'iis',
    theirs: ['--log-format=W3C'],
    head:
      '#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Fields: date time s-ip cs-method ' +
      'cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus ' +
      'sc-win32-status time-taken\n',
    toLine: ({ client, date, clock, path, status, agent }) =>
      `${date} ${clock} 10.0.0.4 GET ${path} - 443 - ${client} ${plus(agent)} - ${status} 0 0 15`,
  },
  {
    name: 'cloudfront',
    theirs: ['--log-format=CLOUDFRONT'],
    head: '#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields\n',
    toLine: ({ client, date, clock, path, status, agent }) =>
      [
        ...[date, clock, 'LAX1', '512', client, 'GET', 'd1.cloudfront.net', path, status, '-'],
        ...[agent.replaceAll(' ', '%20'), ...cloudfrontEnd, ...tls],
      ].join('\t'),
  },
  {
    name: 'alb',
    theirs: ['--log-format=AWSALB'],
    toLine: ({ client, date, clock, path, status, agent }) =>
      `https ${date}T${clock}.186641Z app/lb/50dc6c495c0c9188 ${client}:2817 10.0.0.1:80 0.086 0.048 0.037 ` +
      `${status} ${status} 0 512 "GET https://shop.example:443${path} HTTP/1.1" "${agent}" ECDHE-RSA-AES128-GCM-SHA256 ` +
      `TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:1:targetgroup/t/7 "Root=1-58337262" "shop.example" "arn:aws:acm" 1 ` +
      `${date}T${clock}.364000Z "forward" "-" "-" "10.0.0.1:80" "${status}" "-" "-"`,
  },
]

/** GoAccess keeps scheme and host of ALB's URLs, and reads the `-` of an absent query as a query. */
const additions = /https:\/\/shop\.example:443|\?-$/

it.for(formats)(
  'tidemark import and GoAccess: count the same page views and visitors in the format $name',
  async ({ theirs, head = '', toLine }) => {
    const requests = createRequests()
    const file = join(makeDirectory(), 'access.log')
    await writeFile(file, head + requests.map(each => `${toLine(each)}\n`).join(''))
    const ours = await importLog(file, '2024-03-01')
    const options = [...theirs, ...(await optionsLikeTidemark())]
    const theirReport = await runGoAccess(goaccess, file, options)
    const pages = new Map(
      [...theirReport.pages].map(([page, row]) => [page.replace(additions, ''), row]),
    )
    expectSame(ours, { days: theirReport.days, pages })
    expect(ours.result).toMatchObject({ unparsedLines: 0 })
    expect([ours.days.size, requests.length > 200]).toEqual([3, true])
  },
)
