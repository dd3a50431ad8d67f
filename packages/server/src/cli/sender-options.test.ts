import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { makeDirectory } from '../testing/directory.ts'
import { type SenderFlags, addSenderOptions, readSites } from './sender-options.ts'

const context = { command: 'tidemark' }

function parse(...words: string[]): SenderFlags {
  const silent = { writeErr: () => {}, writeOut: () => {} }
  const command = addSenderOptions(new Command()).exitOverride().configureOutput(silent)
  return command.parse(words, { from: 'user' }).opts()
}

describe('options for the senders of sites', () => {
  it('add origins and keys to the sites that they name', () => {
    const path = join(makeDirectory(), 'key')
    writeFileSync(path, `${'k'.repeat(32)}\n`)
    const flags = parse(
      ...['--write-origin', 'shop=https://a.example', '--write-origin', 'shop=https://b.example/'],
      ...['--write-key-file', `shop=${path}`, '--write-key-file', `app=${path}`],
    )
    expect(readSites({ ...flags, site: ['shop', 'blog', 'app'] }, context)).toEqual({
      sites: [
        {
          id: 'shop',
          writeOrigins: ['https://a.example', 'https://b.example'],
          writeKeys: ['k'.repeat(32)],
        },
        'blog',
        { id: 'app', writeKeys: ['k'.repeat(32)] },
      ],
    })
    expect(readSites({}, context)).toEqual({ sites: undefined })
  })

  it.each([
    ['--write-origin', 'https://a.example'],
    ['--write-origin', 'shop=a.example'],
    ['--write-origin', 'shop='],
    ['--write-key-file', 'a b=path'],
    ['--write-key-file', 'path'],
  ])('refuse %s %s', (option, value) => {
    expect(() => parse(option, value)).toThrow(option)
  })

  it('refuse a site that --site does not name, and a missing file', () => {
    const flags = parse('--write-origin', 'shop=https://a.example')
    expect(readSites({ ...flags, site: ['blog'] }, context)).toEqual({
      failure: '--write-origin and --write-key-file need the site: add --site shop.',
    })
    const missing = readSites(
      { ...parse('--write-key-file', 'shop=/nowhere/key'), site: ['shop'] },
      context,
    )
    expect(missing).toEqual({
      failure:
        '--write-key-file: Cannot read /nowhere/key: the file does not exist. Create it with `tidemark token --new-secret > /nowhere/key`.',
    })
  })
})
