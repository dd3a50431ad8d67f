import { expect, it } from 'vitest'
import { type StartedServer, formatWelcome } from './welcome.ts'

const started: StartedServer = {
  command: 'tidemark',
  url: 'http://127.0.0.1:4711',
  dataDir: '/var/lib/tidemark',
  recovery: { records: 2, events: 1234, durationMs: 120, lostWrites: 0, isTorn: false },
  sites: undefined,
  hasTracker: true,
  readers: 'anyone',
  senders: 'anyone',
}

it('says what runs where', () => {
  const lines = formatWelcome(started)
  expect(lines).toContain('  log    /var/lib/tidemark (1,234 events counted again in 0.1 s)')
  expect(lines).toContain('  sites  any: a site is made when it is first named')
  expect(lines).toContain(
    '  <script defer src="http://127.0.0.1:4711/tidemark.js" data-site="my-site"></script>',
  )
  expect(formatWelcome({ ...started, sites: ['shop', 'blog'] })).toContain('  sites  shop, blog')
})

it('says what a failing disk has cost, and nothing of it otherwise', () => {
  const recovery = { ...started.recovery, lostWrites: 1200 }
  expect(formatWelcome({ ...started, recovery }).join('\n')).toContain(
    '1,200 writes of it are broken and left out',
  )
  expect(formatWelcome(started).join('\n')).not.toContain('broken')
})

it('says so where the log ends in the middle of a write', () => {
  const recovery = { ...started.recovery, isTorn: true }
  expect(formatWelcome({ ...started, recovery }).join('\n')).toContain(
    'It ends in the middle of a write, which is left out',
  )
  expect(formatWelcome(started).join('\n')).not.toContain('middle of a write')
})

it('says how to build a tracker that is not there, in place of a tag that would not load', () => {
  const lines = formatWelcome({ ...started, hasTracker: false })
  expect(lines).toContain('  npx -y pnpm@12 --filter @tidemark/sdk build')
  expect(lines.join('\n')).not.toContain('<script')
})

it('says who may read, and how a token is made where that is the server’s own', () => {
  const readersOf = (readers: StartedServer['readers']): string | undefined =>
    formatWelcome({ ...started, sites: ['shop'], readers }).find(line =>
      line.startsWith('  reads  '),
    )
  expect(readersOf('anyone')).toBe('  reads  anyone who reaches it')
  expect(readersOf({ secretFile: undefined })).toBe(
    '  reads  who has a token: `tidemark token --site shop` makes one',
  )
  expect(readersOf({ secretFile: 'token-secret' })).toContain(
    '`tidemark token --site shop --secret-file token-secret`',
  )
  expect(readersOf({ secretFile: "my secret's" })).toContain("--secret-file 'my secret'\\''s'`")
  expect(readersOf('key')).not.toContain('tidemark token')
})

it('invites no page to send where sending takes a token, and says how one is made', () => {
  const text = (senders: StartedServer['senders']): string =>
    formatWelcome({ ...started, sites: ['shop'], senders }).join('\n')
  expect(text('anyone')).toContain('\n  sends  anyone who reaches it\n')
  expect(text('anyone')).toContain('<script')
  const own = text({ secretFile: 'token-secret' })
  expect(own).toContain('`tidemark token --site shop --scope write --secret-file token-secret`')
  for (const closed of [own, text('key')]) {
    expect(closed).not.toMatch(/<script|replay/)
    expect(closed).toContain('Pages cannot send here')
  }
})
