import { Hono } from 'hono'
import { createHash } from 'node:crypto'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type BuiltFile, type ReadBuiltFile } from '../script/built-files.ts'
import { type ScriptArchive, noArchive } from '../script/script-archive.ts'
import { createScriptVersion } from '../script/script-version.ts'
import { createScripts } from '../script/scripts.ts'
import { createScriptRoute } from './script.ts'

const text = 'tidemark();'.repeat(500)
const built: Readonly<Partial<Record<BuiltFile, string>>> = {
  'tidemark.js': text,
  'tidemark.extra.js': 'export {}',
  'tidemark.js.map': '{"version":3}',
}
const { version } = createScriptVersion(text, 'export {}')

const readFrom =
  (files: Partial<Record<BuiltFile, string>>): ReadBuiltFile =>
  async name => {
    const file = files[name]
    if (file === undefined) throw Object.assign(new Error('ENOENT: /home/me'), { code: 'ENOENT' })
    return file
  }

/** Mounts the route, and returns a function that requests a file of it. */
function mount(readBuilt = readFrom(built), archive = noArchive) {
  const onError = (error: unknown): never => {
    throw error
  }
  const scripts = createScripts({ readBuilt, archive, onError })
  const app = new Hono().use(createScriptRoute(scripts)).all('*', c => c.text('another route'))
  const host = new Hono().route('/stats/:tenant', app)
  const get = async (
    name: string,
    headers: Record<string, string> = {},
    method = 'GET',
  ): Promise<Response> => app.request(`/${name}`, { method, headers })
  return { get, host }
}

describe('GET /tidemark.js', () => {
  it('answers with a script that any page may load', async () => {
    const answer = await mount().get('tidemark.js')
    expect(answer.status).toBe(200)
    expect(await answer.text()).toBe(text)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=300',
      'content-length': String(text.length),
      'content-type': 'text/javascript; charset=utf-8',
      'cross-origin-resource-policy': 'cross-origin',
      vary: 'Accept-Encoding',
      'x-content-type-options': 'nosniff',
    })
    expect(answer.headers.has('Content-Encoding')).toBe(false)
  })

  it.each([
    ['gzip', gunzipSync],
    ['br', brotliDecompressSync],
  ])('answers in %s, with an ETag of its own', async (encoding, decompress) => {
    const { get } = mount()
    const plain = await get('tidemark.js')
    const answer = await get('tidemark.js', { 'Accept-Encoding': encoding })
    expect(answer.headers.get('Content-Encoding')).toBe(encoding)
    expect(answer.headers.get('Vary')).toBe('Accept-Encoding')
    expect(answer.headers.get('ETag')).not.toBe(plain.headers.get('ETag'))
    const bytes = new Uint8Array(await answer.arrayBuffer())
    expect(answer.headers.get('Content-Length')).toBe(String(bytes.length))
    expect(bytes.length).toBeLessThan(text.length / 10)
    expect(decompress(bytes).toString()).toBe(text)
  })

  it.each(['', 'gzip', 'br'])('answers 304 to the ETag of the encoding %j', async encoding => {
    const { get } = mount()
    const headers = { 'Accept-Encoding': encoding }
    const first = await get('tidemark.js', headers)
    const etag = first.headers.get('ETag') ?? ''
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const answer = await get('tidemark.js', { ...headers, 'If-None-Match': known })
      expect(answer.status).toBe(304)
      expect(await answer.text()).toBe('')
      for (const name of ['ETag', 'Vary', 'Cache-Control']) {
        expect(answer.headers.get(name)).toBe(first.headers.get(name))
      }
    }
    const other = { 'Accept-Encoding': encoding === 'br' ? 'gzip' : 'br', 'If-None-Match': etag }
    expect((await get('tidemark.js', other)).status).toBe(200)
  })

  it('answers HEAD with the headers of GET', async () => {
    const { get } = mount()
    const headers = { 'Accept-Encoding': 'br' }
    const head = await get('tidemark.js', headers, 'HEAD')
    expect(Object.fromEntries(head.headers)).toEqual(
      Object.fromEntries((await get('tidemark.js', headers)).headers),
    )
    expect(await head.text()).toBe('')
  })

  it('refuses other methods', async () => {
    const answer = await mount().get('tidemark.js', {}, 'POST')
    expect([answer.status, answer.headers.get('Allow')]).toEqual([405, 'GET'])
  })

  it('reads the file once', async () => {
    let reads = 0
    const { get } = mount(async name => `${name} ${++reads}`)
    const first = await (await get('tidemark.js')).text()
    expect(await (await get('tidemark.js')).text()).toBe(first)
  })

  it('answers 404 until the tracker is built, and 200 after that', async () => {
    let files: typeof built = {}
    const { get } = mount(name => readFrom(files)(name))
    const answer = await get('tidemark.js')
    expect(answer.status).toBe(404)
    const problem = await answer.text()
    expect(problem).not.toContain('/home/me')
    expect(problem).toContain('Build it with `npx -y pnpm@12 --filter @tidemark/sdk build`.')
    files = built
    expect((await get('tidemark.js')).status).toBe(200)
  })
})

describe('Files beside /tidemark.js', () => {
  it('are the extra features and the source maps', async () => {
    const { get } = mount()
    const extra = await get('tidemark.extra.js', { 'Accept-Encoding': 'gzip' })
    expect(extra.headers.get('Content-Type')).toBe('text/javascript; charset=utf-8')
    expect(extra.headers.get('Access-Control-Allow-Origin')).toBe('*')
    expect(extra.headers.get('Cache-Control')).toBe('public, max-age=300')
    expect(gunzipSync(await extra.arrayBuffer()).toString()).toBe('export {}')
    const map = await get('tidemark.js.map', { 'Accept-Encoding': 'br' })
    expect(map.headers.get('Content-Type')).toBe('application/json')
    expect(brotliDecompressSync(await map.arrayBuffer()).toString()).toBe('{"version":3}')
    const sourceMapOf = async (name: string): Promise<string | null> =>
      (await get(name)).headers.get('SourceMap')
    expect(await sourceMapOf('tidemark.js')).toBe('tidemark.js.map')
    expect(await sourceMapOf(`tidemark.${version}.js`)).toBe('tidemark.js.map')
    // The extra file names its map in a comment.
    expect(await sourceMapOf(`tidemark.${version}.extra.js`)).toBeNull()
  })

  it('are 404 where the build has none of them', async () => {
    const { get } = mount(readFrom({ 'tidemark.js': text }))
    for (const name of ['tidemark.extra.js', 'tidemark.js.map', 'tidemark.extra.js.map']) {
      const answer = await get(name)
      expect(answer.status).toBe(404)
      expect(await answer.text()).toContain(`built without ${name}`)
    }
    const alone = createScriptVersion(text, undefined)
    expect((await get(`tidemark.${alone.version}.js`)).status).toBe(200)
    expect((await get(`tidemark.${alone.version}.extra.js`)).status).toBe(404)
  })

  it('are at the root of the app only, also where a host mounts it', async () => {
    const { get, host } = mount()
    for (const path of ['sites/tidemark.js', 'tidemark.json', 'x/tidemark.extra.js']) {
      expect(await (await get(path)).text()).toBe('another route')
    }
    expect(await (await host.request('/stats/shop/tidemark.js')).text()).toBe(text)
    expect(await (await host.request('/stats/shop/x/tidemark.js')).text()).toBe('another route')
  })
})

describe('GET /tidemark.<version>.js', () => {
  it('answers with the file of the version, which caches keep forever', async () => {
    const { get } = mount()
    for (const [name, content] of [
      [`tidemark.${version}.js`, text],
      [`tidemark.${version}.extra.js`, 'export {}'],
    ] as const) {
      const answer = await get(name)
      expect(await answer.text()).toBe(content)
      expect(answer.headers.get('Cache-Control')).toBe('public, max-age=31536000, immutable')
      expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
    }
  })

  it('answers with earlier versions from the archive, and stores the current one', async () => {
    const earlier = createScriptVersion('the earlier one', undefined)
    const stored: string[] = []
    const archive: ScriptArchive = {
      async store(each) {
        stored.push(each.version)
      },
      async read(each) {
        return each === earlier.version ? earlier : undefined
      },
    }
    const { get } = mount(readFrom(built), archive)
    const answer = await get(`tidemark.${earlier.version}.js`)
    const body = await answer.text()
    expect(body).toBe('the earlier one')
    expect(`sha384-${createHash('sha384').update(body).digest('base64')}`).toBe(earlier.integrity)
    expect(stored).toEqual([version])
  })

  it.each(['0123456789ab', 'x', 'extra.extra', version.toUpperCase()])(
    'answers 404 for the unknown version %j, and says what to do',
    async unknown => {
      const answer = await mount().get(`tidemark.${unknown}.js`)
      expect(answer.status).toBe(404)
      expect(answer.headers.get('Cache-Control')).toBe('no-store')
      expect(await answer.json()).toMatchObject({
        code: 'not_found',
        detail: expect.stringContaining('Put the tag of `tidemark tag`'),
      })
    },
  )
})
