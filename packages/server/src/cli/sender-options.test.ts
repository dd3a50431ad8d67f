import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { type SenderFlags, addSenderOptions, toSites } from './sender-options.ts'

function parse(...words: string[]): SenderFlags {
  const silent = { writeErr: () => {}, writeOut: () => {} }
  const command = addSenderOptions(new Command()).exitOverride().configureOutput(silent)
  return command.parse(words, { from: 'user' }).opts()
}

describe('options for the senders of sites', () => {
  it('add origins and keys to the sites that they name', () => {
    const flags = parse(
      ...['--write-origin', 'shop=https://a.example', '--write-origin', 'shop=https://b.example/'],
      ...['--write-key-file', 'shop=one', '--write-key-file', 'app=two'],
    )
    expect(toSites({ ...flags, site: ['shop', 'blog', 'app'] })).toEqual({
      failures: [],
      sites: [
        {
          id: 'shop',
          writeOrigins: ['https://a.example', 'https://b.example'],
          writeKeyFiles: ['one'],
        },
        'blog',
        { id: 'app', writeKeyFiles: ['two'] },
      ],
    })
    expect(toSites({})).toEqual({ sites: undefined, failures: [] })
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

  it('refuse all sites that --site does not name', () => {
    const words = ['--write-origin', 'shop=https://a.example', '--write-key-file', 'app=key']
    expect(toSites({ ...parse(...words), site: ['blog'] }).failures).toEqual([
      '--write-origin and --write-key-file need the site: add --site shop.',
      '--write-origin and --write-key-file need the site: add --site app.',
    ])
  })
})
