import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { parseMetricsQuery } from '../query/parse-query.ts'
import { createTimeZone } from '../rollup/history/time-zone.ts'
import { makeDirectory } from '../testing/directory.ts'
import { runCli } from './program.ts'

const line = '192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "A"\n'

async function run(words: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const { signal } = new AbortController()
  const code = await runCli(words, { command: 'tidemark', stdin, stdout, stderr, signal })
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') }
}

function logFile(text: string): string {
  const file = join(makeDirectory(), 'access.log')
  writeFileSync(file, text)
  return file
}

it('tidemark import: prints the time range of the log in the format of history queries', async () => {
  const file = logFile(line + line.replace('10:05:03', '10:06:09'))
  const { out } = await run(['import', file, '--site', 'demo', '--data', makeDirectory()])
  const [, from = '', to = ''] = /^Lines .* (\S+) to (\S+)$/m.exec(out) ?? []
  const query = new URLSearchParams({ from, to })
  const always = { second: -Infinity, minute: -Infinity, hour: -Infinity, day: -Infinity }
  const availability = { zone: createTimeZone('UTC'), now: Date.now(), availableFrom: always }
  expect(parseMetricsQuery(query, availability)).toMatchObject({
    ok: true,
    query: { from: Date.UTC(2015, 4, 17, 10, 5), to: Date.UTC(2015, 4, 17, 10, 7) },
  })
})

it('tidemark import: exits with 1 for a missing file, and creates no data directory', async () => {
  const directory = join(makeDirectory(), 'data')
  const words = ['import', '/no/such.log', '--site', 'demo', '--data', directory]
  expect(await run(words)).toEqual({
    code: 1,
    out: '',
    err: 'tidemark: Cannot read /no/such.log: the file does not exist.\n',
  })
  expect(() => readFileSync(join(directory, 'tidemark.db'))).toThrow('ENOENT')
})

it('tidemark import: exits with 1 when no line parses, and with 0 for an empty log', async () => {
  const importText = (text: string) =>
    run(['import', logFile(text), '--site', 'demo', '--data', makeDirectory()])
  const invalid = await importText('These are\nnotes.\n')
  expect(invalid.code).toBe(1)
  expect(invalid.err).toContain('none of its first 2 lines is in a known format (combined, ')
  expect(await importText('')).toMatchObject({ code: 0 })
  expect(await importText(`notes\n${line}`)).toMatchObject({ code: 0 })
})

it('tidemark import: exits with 1 for a directory, and creates no data directory', async () => {
  const [directory, data] = [makeDirectory(), join(makeDirectory(), 'data')]
  expect(await run(['import', directory, '--site', 'demo', '--data', data])).toEqual({
    code: 1,
    out: '',
    err: `tidemark: Cannot read ${directory}: it is a directory.\n`,
  })
  expect(() => readFileSync(join(data, 'tidemark.db'))).toThrow('ENOENT')
})

it('tidemark import: stores the time zone with the first page views, not with a log without any', async () => {
  const data = makeDirectory()
  const importText = (text: string, ...words: string[]) =>
    run(['import', logFile(text), '--site', 'demo', '--data', data, '--json', ...words])
  expect((await importText('These are\nnotes.\n')).code).toBe(1)
  expect((await importText('')).code).toBe(0)
  const berlin = await importText(line, '--time-zone', 'Europe/Berlin')
  expect(berlin).toMatchObject({ code: 0, err: '' })
  const { out } = await importText(line)
  expect(JSON.parse(out)).toMatchObject({ timeZone: 'Europe/Berlin', alreadyImportedLines: 1 })
  const utc = await importText(line, '--time-zone', 'UTC')
  expect(utc.err).toContain("'UTC' is not 'Europe/Berlin', the time zone of the data directory")
})

it('tidemark import: stores the time zone with page views of bots alone', async () => {
  const words = ['--site', 'demo', '--data', makeDirectory()]
  const file = logFile(line.replace('"A"', '"curl/8.0"'))
  expect((await run(['import', file, ...words])).out).toMatch(/of bots +1$/m)
  const { code, err } = await run(['import', file, ...words, '--time-zone', 'Europe/Berlin'])
  expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining("is not 'UTC'") })
})

const hostLine = (host: string, client: string, path: string): string =>
  `${host} ${client} - - [17/May/2015:10:05:03 +0000] "GET ${path} HTTP/1.1" 200 1 "https://${host}/" "A"\n`

/** Four requests to three hosts. */
const hostLog = [
  hostLine('www.shop.example:443', '192.0.2.7', '/'),
  hostLine('Shop.example', '192.0.2.8', '/cart'),
  hostLine('blog.example', '192.0.2.9', '/post'),
  hostLine('other.example', '192.0.2.9', '/'),
].join('')

it('tidemark import: sends the requests of each host to its site', async () => {
  const hosts = ['www.shop.example=shop', 'SHOP.example=shop', 'blog.example=blog']
  const words = [
    '--data',
    makeDirectory(),
    '--json',
    ...hosts.flatMap(each => ['--host-site', each]),
  ]
  const file = logFile(hostLog)
  const { code, out } = await run(['import', file, ...words])
  const results = out
    .trim()
    .split('\n')
    .map(each => JSON.parse(each))
  expect({ code, results }).toMatchObject({
    code: 0,
    results: [
      { site: 'shop', lines: 4, pageViews: 2, accepted: 2, otherHostLines: 2 },
      { site: 'blog', lines: 4, pageViews: 1, accepted: 1, otherHostLines: 3 },
    ],
  })
  expect(results[0].hosts).toContainEqual({ host: 'other.example', lines: 1 })
  const again = await run(['import', file, ...words])
  expect(again.out.match(/"alreadyImportedLines":4/g)).toHaveLength(2)
})

it('tidemark import: shows the site of each summary, lists parse errors once, and finds hosts without site or requests', async () => {
  const file = logFile(`${hostLog}notes\n`)
  const hosts = ['www.shop.example=shop', 'blog.exmaple=blog']
  const words = ['import', file, ...hosts.flatMap(each => ['--host-site', each])]
  const data = makeDirectory()
  const dry = await run([...words, '--data', data, '--dry-run'])
  const { out, err } = await run([...words, '--data', data])
  for (const text of [dry.out, out]) {
    expect(text.match(/^Site \w+$/gm)).toEqual(['Site shop', 'Site blog'])
    expect(text.match(/line 5: /g)).toHaveLength(1)
    expect(text).toMatch(/^ {2}not parsed +1 {3}as above$/m)
    expect(text.match(/no request to .*$/gm)).toEqual([
      'no request to blog.exmaple: check its spelling',
    ])
    expect(text).toMatch(
      /\nRequests of hosts without --host-site, in no site: shop\.example 1, blog\.example 1, other\.example 1\n$/,
    )
    expect(text.match(/No server has stored rules/g)).toHaveLength(1)
  }
  expect(err.match(/^Format: /gm)).toHaveLength(1)
  const again = await run([...words, '--data', data, '--json'])
  expect(again.out).not.toContain('"missingHosts":["')
})

it('tidemark import: reports the origin in JSON only if requests use it', async () => {
  const importJson = async (text: string, ...words: string[]): Promise<unknown> => {
    const options = ['--site', 'shop', '--data', makeDirectory(), '--json', ...words]
    return JSON.parse((await run(['import', logFile(text), ...options])).out)
  }
  expect(await importJson(hostLog)).not.toHaveProperty('origin')
  expect(await importJson(line)).toMatchObject({ origin: 'https://shop.example' })
  const given = await importJson(hostLog, '--origin', 'https://tea.example')
  expect(given).toMatchObject({ origin: 'https://tea.example' })
})

it('tidemark import: counts the wanted host, and shows the others', async () => {
  const words = ['--site', 'shop', '--data', makeDirectory(), '--host', 'blog.example']
  const { out } = await run(['import', logFile(hostLog), ...words])
  expect(out).toMatch(/page views +1$/m)
  expect(out).toMatch(/of other hosts +3\n +requests by host: .*other\.example 1/)
  const all = await run(['import', logFile(hostLog), '--site', 'shop', '--data', makeDirectory()])
  expect(all.out).toMatch(/of other hosts +0\n +requests by host: /)
})

it.each([
  [['x.log', '--undo', '--site', 'shop'], '--undo takes no log, but got x.log.'],
  [['--undo'], 'Set --site, the site whose last import --undo takes back.'],
  [['--site', 'shop'], 'Name the access log, or - for standard input.'],
  [['x.log'], 'Set --site, or --host-site for each host of a log of several hosts.'],
  [
    ['x.log', '--site', 'a', '--host-site', 'b.example=b'],
    'Use --host-site without --site and --host',
  ],
  [['x.log', '--host-site', 'a.example'], 'Use HOST=SITE, such as www.example.com=shop.'],
  [['x.log', '--site', 'a', '--host', 'https://a.example'], 'Use a host without scheme and port'],
  [['x.log', '--site', 'a', '--prefix', 'logstash'], 'Use one of syslog, cri,'],
  [
    ['x.log', '--site', 'a', '--format', 'apache'],
    'it has no variables such as $remote_addr or %h. Use combined,',
  ],
  [
    ['x.log', '--site', 'a', '--format', '%h %r'],
    'it has no time: $time_local or %t. Use combined,',
  ],
  [['x.log', '--site', 'a', '--format', '%h%r %t %s'], 'no text separates %h from %r.'],
])('tidemark import: refuses the options %j', async (words, message) => {
  const { code, err } = await run(['import', ...words])
  expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining(message) })
})

it('tidemark import: shows the first visits in a dry run, and writes nothing', async () => {
  const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0'
  const view = (clock: string, client: string, path: string, referrer = '-'): string =>
    `${client} - - [17/May/2015:${clock} +0000] "GET ${path} HTTP/1.1" 200 1 "${referrer}" "${agent}"\n`
  const log = [
    view('10:05:03', '192.0.2.7', '/', 'https://news.example/'),
    view('10:06:03', '192.0.2.7:4711', '/cart'),
    view('10:06:04', '192.0.2.8', '/'),
    view('11:00:00', '192.0.2.7', '/later'),
    view('11:00:00', '192.0.2.9', '/').replace(agent, 'curl/8.0'),
    view('11:00:01', '-', '/'),
  ]
  const data = join(makeDirectory(), 'data')
  const words = ['import', logFile(log.join('')), '--site', 'shop', '--data', data, '--dry-run']
  const { code, out, err } = await run(words)
  expect(code).toBe(0)
  expect(err).toMatch(/^Format: combined\. Line 1:\n {2}client +192\.0\.2\.7\n/)
  expect(out).toMatch(
    /^Site shop\nFirst visits.*\n {2}\w{6} · 2015-05-17T10:05:03Z · from news\.example · desktop, Firefox, Linux\n {4}\/ → \/cart\n/,
  )
  expect(out.match(/^ {2}\w{6} · /gm)).toHaveLength(4)
  expect(out).toMatch(
    /Page views of people +5\nPage views of bots +1\nVisitors per day, summed +3\n/,
  )
  expect(out).toMatch(/Page views without client +1\n/)
  expect(out).not.toContain('192.0.2.7')
  expect(() => readFileSync(join(data, 'tidemark.db'))).toThrow('ENOENT')
  const json = await run([...words, '--json'])
  expect(JSON.parse(json.out)).toMatchObject({
    dryRun: true,
    visitors: 3,
    visits: [{ pages: ['/', '/cart'] }, {}, {}, {}],
  })
  expect(json.err).toBe('')
})

it('tidemark import: reads the new lines of a W3C log by the #Fields line that was imported before', async () => {
  const words = ['--site', 'demo', '--data', makeDirectory(), '--json']
  const head = '#Version: 1.0\n#Fields: date time c-ip cs-method cs-uri-stem sc-status\n'
  const entry = '2015-05-17 10:05:03 192.0.2.7 GET /a 200\n'
  const file = logFile(head + entry)
  expect(JSON.parse((await run(['import', file, ...words])).out)).toMatchObject({
    ...{ formats: ['w3c'], directiveLines: 2, accepted: 1 },
  })
  writeFileSync(file, head + entry + entry)
  expect(JSON.parse((await run(['import', file, ...words])).out)).toMatchObject({
    ...{ alreadyImportedLines: 3, directiveLines: 0, accepted: 1, unparsedLines: 0 },
  })
})

it('tidemark import: reads each line of a log whose format changed by the declared format that fits', async () => {
  const changed = line.replace(' 1 "-"', ' 1 0.013 "-"')
  const file = logFile(line + changed)
  const words = ['--site', 'demo', '--data', makeDirectory()]
  const refused = await run(['import', file, ...words])
  expect(refused).toMatchObject({ code: 1, out: '' })
  const [, ...formats] =
    /Choose one of: --format (\S+) or --format '(.*)'\. If/.exec(refused.err) ?? []
  const options = formats.flatMap(format => ['--format', format])
  const { out } = await run(['import', file, ...words, ...options, '--json'])
  expect(JSON.parse(out)).toMatchObject({ accepted: 2, unparsedLines: 0, formats })
})

it('tidemark import: leaves out the requests of excluded addresses, also of a dry run', async () => {
  const entry = (client: string): string =>
    `${client} - - [10/Mar/2026:12:00:00 +0000] "GET /a HTTP/1.1" 200 1 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"\n`
  const log = ['203.0.113.7', '2001:db8::1', '198.51.100.7'].map(entry).join('')
  const excluded = ['--exclude-address', '203.0.113.0/24', '--exclude-address', '2001:db8::/32']
  const words = ['import', logFile(log), '--site', 'shop', '--data', makeDirectory(), ...excluded]
  const dry = await run([...words, '--dry-run'])
  expect(dry.out).toMatch(/of excluded addresses +2$/m)
  expect(dry.out).toMatch(/Page views of people +1$/m)
  const { code, out } = await run([...words, '--json'])
  expect([code, JSON.parse(out)]).toMatchObject([
    0,
    { lines: 3, pageViews: 1, accepted: 1, excludedLines: 2 },
  ])
  const invalid = await run([...words, '--exclude-address', '203.0.113.0/99'])
  expect([invalid.code, invalid.err]).toEqual([2, expect.stringContaining('CIDR block')])
})
