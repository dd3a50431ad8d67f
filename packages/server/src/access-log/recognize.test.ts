import { describe, expect, it } from 'vitest'
import { findPreset } from './format/presets.ts'
import { recognizeFormat } from './recognize.ts'

const time = '[12/Mar/2026:09:15:02 +0000]'
const get = `${time} "GET / HTTP/1.1" 200 5120`
const tail = '"https://news.example/" "Mozilla/5.0 (X11)"'

const recognize = (...texts: string[]) =>
  recognizeFormat(texts.map((text, index) => ({ number: index + 1, text, endByte: 0 })))

describe('recognizeFormat', () => {
  it.each([
    [
      'a site in place of the client',
      [`shop.example - - ${get} ${tail}`],
      /no IP address.*--format combined.*%v %h/,
    ],
    [
      'two addresses',
      [`10.0.0.2 203.0.113.7 - - ${get} ${tail}`],
      /^2 formats fit.*'\$remote_addr \$_ .*'\$_ \$remote_addr/,
    ],
    [
      'two lists of addresses',
      [`10.0.0.2 - - ${get} ${tail} "203.0.113.7" "203.0.113.8"`],
      /^2 formats fit.*"\$http_x_forwarded_for" \.\.\.'.*"\$_" "\$http_x_forwarded_for"/,
    ],
    [
      'a format that changes',
      [`192.0.2.7 - - ${get} ${tail}`, `192.0.2.7 - - ${get} 0.013 ${tail}`],
      /^2 formats fit.*combined.*\$body_bytes_sent \$_ .*use all of them/,
    ],
    [
      'a host before the referrer',
      Array.from({ length: 2 }, () => `192.0.2.7 - - ${get} "shop.example" ${tail}`),
      /no referrer and user agent.*"\$host" "\$http_referer"/,
    ],
  ])('refuses a log with %s, and says how to declare it', (_, texts, message) => {
    expect(() => recognize(...texts)).toThrow(message)
  })

  it('reads a log that names some clients, and refuses one that names most', () => {
    const [address, name] = ['192.0.2.7', 'host.example'].map(
      client => `${client} - - ${get} ${tail}`,
    )
    expect(recognize(address ?? '', address ?? '', name ?? '')?.formats[0]?.name).toBe('combined')
    expect(() => recognize(name ?? '', name ?? '', address ?? '')).toThrow('no IP address')
  })

  it('finds no format in other text', () => {
    expect(recognize('garbage', '', '{"a":1}', '# heading')).toBeUndefined()
    expect(recognize()).toBeUndefined()
  })

  it('reads a hostile line in linear time', () => {
    const line = `192.0.2.7 - - ${get} ${tail}`
    const hostile = [
      '{"request":{'.repeat(5000),
      `192.0.2.7 - ${' ['.repeat(20_000)} ${get}`,
      line.replace('5120', `5120${' "a'.repeat(20_000)}`),
      `${line.slice(0, -1)}${'\\"'.repeat(30_000)}`,
      `<1>1 2026-03-12T09:15:02Z a b c d ${'[a="'.repeat(15_000)}`,
      ...['[', '"', ' ', '\\', 'a '].map(text => text.repeat(30_000)),
    ]
    const startedAt = process.cpuUsage()
    const found = hostile.map(text => recognize(text)?.formats.length ?? 0)
    expect(Math.max(...found)).toBeLessThan(2)
    expect(process.cpuUsage(startedAt).user / 1000).toBeLessThan(150)
  })

  it.each(['caddy-json', 'iis'])('finds no format in a log of %s whose clients are names', name => {
    const texts = {
      'caddy-json': [
        '{"ts":1,"request":{"remote_ip":"host.example","method":"GET","uri":"/"},"status":200}',
      ],
      iis: [
        '#Software: Microsoft',
        '#Fields: date time c-ip cs-method cs-uri-stem sc-status',
        '2026-03-12 09:15:02 host.example GET / 200',
      ],
    }[name]
    expect(recognize(...(texts ?? []))).toBeUndefined()
  })

  it('returns the first line that parses', () => {
    const found = recognize('\0\0', '', `192.0.2.7:80 - - ${get} ${tail}`)
    expect(found?.example).toMatchObject({ line: 3, entry: { client: '192.0.2.7', status: 200 } })
  })

  it('reads a declared format, also of names and damaged lines', () => {
    const formats = [findPreset('combined')].flatMap(format => format ?? [])
    const line = { number: 1, text: `host.example - - ${get} ${tail}`, endByte: 0 }
    const found = recognizeFormat([line], { formats })
    expect(found).toMatchObject({ formats, example: { entry: { client: 'host.example' } } })
    expect(recognizeFormat([{ ...line, text: 'garbage' }], { formats })).toBeUndefined()
  })
})
