import { expect, it } from 'vitest'
import { type StartedServer, formatWelcome } from './welcome.ts'

const started: StartedServer = {
  command: 'tidemark',
  url: 'http://127.0.0.1:4711',
  dataDir: '/var/lib/tidemark',
  recovery: {
    records: 2,
    events: 1234,
    durationMs: 120,
    lostWrites: 0,
    isTorn: false,
    damagedParts: [],
  },
  sites: undefined,
  scriptTag: '<script src="x"></script>',
  readers: 'anyone',
  senders: 'anyone',
}

it('formatWelcome: lists URL, data directory, sites and next steps', () => {
  const lines = formatWelcome(started)
  expect(lines).toContain('  data   /var/lib/tidemark (recovered 1,234 events in 0.1 s)')
  expect(lines).toContain('  sites  any ID; the first use of an ID creates the site')
  expect(lines).toContain('  <script src="x"></script>')
  expect(formatWelcome({ ...started, sites: ['shop', 'blog'] })).toContain('  sites  shop, blog')
})

it('formatWelcome: reports lost writes', () => {
  const recovery = { ...started.recovery, lostWrites: 1200 }
  expect(formatWelcome({ ...started, recovery }).join('\n')).toContain(
    '1,200 writes are corrupt and skipped',
  )
  expect(formatWelcome(started).join('\n')).not.toContain('corrupt')
})

it('formatWelcome: reports an incomplete last write', () => {
  const recovery = { ...started.recovery, isTorn: true }
  expect(formatWelcome({ ...started, recovery }).join('\n')).toContain(
    'The last write is incomplete and skipped',
  )
  expect(formatWelcome(started).join('\n')).not.toContain('incomplete')
})

it('formatWelcome: shows the build command instead of the script tag when the tracker is not built', () => {
  const lines = formatWelcome({ ...started, scriptTag: undefined })
  expect(lines).toContain('  npx -y pnpm@12 --filter @tidemark/sdk build')
  expect(lines.join('\n')).not.toContain('<script')
})

it('formatWelcome: describes who can read, and the command that creates a token', () => {
  const readersOf = (readers: StartedServer['readers']): string | undefined =>
    formatWelcome({ ...started, sites: ['shop'], readers }).find(line =>
      line.startsWith('  read   '),
    )
  expect(readersOf('anyone')).toBe('  read   without a token')
  expect(readersOf({ secretFile: undefined })).toBe(
    '  read   with a token; create one with `tidemark token --site shop`',
  )
  expect(readersOf({ secretFile: 'token-secret' })).toContain(
    '`tidemark token --site shop --secret-file token-secret`',
  )
  expect(readersOf({ secretFile: "my secret's" })).toContain("--secret-file 'my secret'\\''s'`")
  expect(readersOf('key')).not.toContain('tidemark token')
})

it('formatWelcome: shows no script tag when sending requires a token, but the command that creates one', () => {
  const text = (senders: StartedServer['senders']): string =>
    formatWelcome({ ...started, sites: ['shop'], senders }).join('\n')
  expect(text('anyone')).toContain('\n  send   without a token\n')
  expect(text('anyone')).toContain('<script')
  const withSecret = text({ secretFile: 'token-secret' })
  expect(withSecret).toContain(
    '`tidemark token --site shop --scope write --secret-file token-secret`',
  )
  for (const closed of [withSecret, text('key')]) {
    expect(closed).not.toMatch(/<script|replay/)
    expect(closed).toContain('Pages cannot send events')
  }
})

it('formatWelcome: names the figures that anyone may read, and who reads the rest', () => {
  const readersOf = (extra: Partial<StartedServer>): string | undefined =>
    formatWelcome({ ...started, sites: ['shop'], ...extra }).find(line =>
      line.startsWith('  read   '),
    )
  const publicRule = { channels: ['currentVisitors', 'goals'], paths: ['/products/**'] } as const
  expect(readersOf({ publicRule })).toBe(
    '  read   without a token: currentVisitors, goals, /products/**; nothing else',
  )
  expect(readersOf({ publicRule, readers: { secretFile: undefined } })).toBe(
    '  read   without a token: currentVisitors, goals, /products/**; ' +
      'the rest with a token; create one with `tidemark token --site shop`',
  )
  expect(readersOf({ publicRule: {} })).toContain('without a token: everything but recentEvents;')
  expect(readersOf({ publicRule: { channels: [] } })).toBe('  read   without a token: nothing')
})

it('formatWelcome: describes the senders of sites with origins and keys', () => {
  const key = 'k'.repeat(32)
  const rules = [
    { id: 'shop', writeOrigins: ['https://shop.example'], writeKeys: [key] },
    { id: 'blog', writeKeys: [key] },
  ]
  const sendersOf = (sites: string[]): string => {
    const lines = formatWelcome({ ...started, sites, senderRules: rules })
    const first = lines.findIndex(line => line.startsWith('  send'))
    return lines.slice(first, lines.indexOf('')).join('\n')
  }
  const ofSites = [
    'shop: pages of https://shop.example, servers with a write key',
    'blog: anyone without a key, servers with a write key',
  ]
  expect(sendersOf(['shop', 'blog'])).toBe(`  send   ${ofSites.join('\n         ')}`)
  expect(sendersOf(['shop', 'blog', 'app'])).toBe(
    `  send   ${['without a token', ...ofSites].join('\n         ')}`,
  )
})
