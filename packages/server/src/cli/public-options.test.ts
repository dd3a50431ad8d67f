import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { channelNames } from '@tidemark/protocol'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { makeDirectory } from '../testing/directory.ts'
import { runCli } from './program.ts'
import { addPublicOptions, toPublicRule } from './public-options.ts'

function parse(...words: string[]): unknown {
  const silent = { writeErr: () => {}, writeOut: () => {} }
  const command = addPublicOptions(new Command()).exitOverride().configureOutput(silent)
  return toPublicRule(command.parse(words, { from: 'user' }).opts())
}

const channels = (...names: string[]): string[] => names.flatMap(name => ['--public-channel', name])
const path = ['--public-path', '/products/**']
const allButFeed = channelNames.filter(name => name !== 'recentEvents')

describe('options for public figures', () => {
  it.each<[string[], unknown]>([
    [[], undefined],
    [channels('goals', 'currentVisitors'), { channels: ['currentVisitors', 'goals'] }],
    [channels('recentEvents'), { channels: ['recentEvents'] }],
    [channels('all'), {}],
    [channels('all', 'recentEvents'), { channels: channelNames }],
    [[...channels('all'), ...path], { channels: allButFeed, paths: ['/products/**'] }],
    [path, { paths: ['/products/**'] }],
    [[...path, '--public-min-count', '3'], { paths: ['/products/**'], minCount: 3 }],
    [['--public-min-count', '3'], { failure: expect.stringContaining('Add --public-channel') }],
  ])('%j give the rule', (words, rule) => {
    expect(parse(...words)).toEqual(rule)
  })

  it.each([
    ['--public-channel', 'visitors', 'Use one of currentVisitors, '],
    ['--public-path', 'products', "Use one such as '/products/**'."],
    ['--public-min-count', '0', 'Use a whole number greater than 0'],
    ['--public-min-count', 'few', 'Use a whole number greater than 0'],
  ])('%s refuses %s with the remedy', (option, value, remedy) => {
    expect(() => parse(option, value)).toThrow(remedy)
  })
})

const json = 'tidemark.config.json'

/** Runs a command in a new directory with a configuration file. */
async function run(
  words: readonly string[],
  { file = {}, env = {} }: { file?: object; env?: Record<string, string> } = {},
) {
  const cwd = makeDirectory()
  writeFileSync(join(cwd, json), JSON.stringify({ port: 0, ...file }))
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const { signal } = new AbortController()
  const context = {
    command: 'tidemark',
    env,
    cwd,
    stdin: Readable.from([]),
    stdout,
    stderr,
    signal,
  }
  const code = await runCli(words, context)
  const output = await text(stdout.end())
  const shown = output.split('\n').find(line => line.startsWith('public '))
  return { code, output, stderr: await text(stderr.end()), shown: shown?.replace(/ +/g, ' ') }
}

describe('the rule for public figures', () => {
  const variable = { TIDEMARK_PUBLIC: '{"channels":["goals"],"minCount":2}' }
  const file = { sites: ['shop'], public: {} }

  it('comes from a flag, else from the environment, else from the file', async () => {
    const fromFlag = await run(['check', ...channels('events')], { file, env: variable })
    expect(fromFlag.shown).toBe("public { channels: [ 'events' ] } (--public-channel)")
    const fromVariable = await run(['check'], { file, env: variable })
    expect(fromVariable.shown).toBe(
      "public { channels: [ 'goals' ], minCount: 2 } (TIDEMARK_PUBLIC)",
    )
    expect((await run(['check'], { file })).shown).toBe('public {} (file)')
    expect((await run(['check'])).shown).toBe('public none (default)')
  })

  it.each<[object, Record<string, string>, string]>([
    [{ ...file, public: { channels: ['visitors'] } }, {}, "public.channels[0]: 'visitors' is not"],
    [{ ...file, public: { channel: [] } }, {}, "Did you mean 'channels'?"],
    [{ ...file, public: true }, {}, 'public: true is not an object; for example'],
    [{ ...file, public: { channels: ['recentEvents'], minCount: 2 } }, {}, 'shows single visitors'],
    [{ sites: ['shop'] }, { TIDEMARK_PUBLIC: '{' }, "TIDEMARK_PUBLIC: '{' is not an object"],
    [{ public: {} }, {}, `${json}: public: public figures belong to sites. Name each site with`],
  ])('in %j and %j is refused with its source and the remedy', async (given, env, message) => {
    const { code, output } = await run(['check'], { file: given, env })
    expect(code).toBe(2)
    expect(output).toContain(message)
  })
})

describe('tidemark serve on an address that other machines can reach', () => {
  const reachable = ['check', '--host', '0.0.0.0', '--site', 'shop']

  it('needs tokens or public figures, and names both', async () => {
    const { code, stderr } = await run(['serve', ...reachable.slice(1)])
    expect(code).toBe(2)
    expect(stderr).toBe(
      'tidemark: --host 0.0.0.0 is reachable from other machines, and anyone could read every figure. Require tokens ' +
        'with --token-secret-file, or name the public figures with --public-channel NAME or --public-path PATTERN; ' +
        '--public-channel all shows everything except single events.\n',
    )
  })

  it.each<[string, string[], object, Record<string, string>]>([
    ['a public channel', channels('goals'), {}, {}],
    ['public pages', path, {}, {}],
    ['public figures in the file', [], { public: {} }, {}],
    ['public figures of a site', [], { sites: [{ id: 'shop', public: {} }] }, {}],
    ['a secret', [], {}, { TIDEMARK_TOKEN_SECRET: 'x'.repeat(32) }],
  ])('starts with %s', async (_, words, file, env) => {
    const named = 'sites' in file ? reachable.slice(0, 3) : reachable
    expect((await run([...named, ...words], { file, env })).code).toBe(0)
  })
})
