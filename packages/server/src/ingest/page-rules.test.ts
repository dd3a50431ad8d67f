import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PageOptions, createPageRules, defaultPageRules } from './page-rules.ts'

const allRules: PageOptions = {
  trailingSlash: 'remove',
  indexFiles: ['index.html', 'Default.aspx'],
  letterCase: 'lower',
  query: ['id', 'page'],
}

/** Options, the address, its path, and the reason. */
const addresses: readonly (readonly [PageOptions, string, string, string])[] = [
  [{}, '', '/', 'RFC 9110, section 4.2.3: an empty path is the root'],
  [{}, '/caf%c3%a9', '/caf%C3%A9', 'RFC 3986, section 6.2.2.1; matomo-org/matomo#7209'],
  [{}, '/caf%C3%a9', '/caf%C3%A9', 'RFC 3986, section 6.2.2.1'],
  [{}, '/café', '/caf%C3%A9', 'RFC 3987, section 3.1: as UTF-8, escaped'],
  [{}, '/cafe\u0301', '/cafe%CC%81', 'RFC 3987, section 3.1: no Unicode normalization'],
  [
    {},
    '/blog/%d8%b3%d9%84%d8%a7%d9%85/',
    '/blog/%D8%B3%D9%84%D8%A7%D9%85/',
    'pressjitsu/pj-page-cache-red#6: permalinks of WordPress',
  ],
  [{}, '/%7Eada', '/~ada', 'RFC 3986, section 6.2.2.2'],
  [{}, '/%7eada', '/~ada', 'RFC 3986, section 6.2.2.2'],
  [{}, '/a%2Db%2Ec%5Fd%7Ee', '/a-b.c_d~e', 'RFC 3986, section 2.3: unreserved characters'],
  [{}, '/%41%5A%61%7A%30%39', '/AZaz09', 'RFC 3986, section 2.3: letters and digits'],
  [{}, '/a%2Fb', '/a%2Fb', 'RFC 3986, section 2.2: an escaped slash is data'],
  [{}, '/a%2fb', '/a%2Fb', 'RFC 3986, section 6.2.2.1'],
  [{}, '/a%3Ab', '/a%3Ab', 'RFC 3986, section 2.2: reserved characters stay escaped'],
  [{}, '/a:b', '/a:b', 'RFC 3986, section 3.3: a colon is allowed'],
  [{}, '/a@b', '/a@b', 'RFC 3986, section 3.3'],
  [{}, '/a%40b', '/a%40b', 'RFC 3986, section 2.2'],
  [{}, '/a;v=1,2', '/a;v=1,2', 'RFC 3986, section 3.3: parameters of a segment'],
  [{}, '/a%3Bv', '/a%3Bv', 'RFC 3986, section 2.2'],
  [{}, "/a!$&'()*+=b", "/a!$&'()*+=b", 'RFC 3986, section 2.2: sub-delimiters'],
  [{}, '/a%21', '/a%21', 'RFC 3986, section 2.2'],
  [{}, '/a+b', '/a+b', 'RFC 3986: a plus sign is no space in a path'],
  [{}, '/a%2Bb', '/a%2Bb', 'RFC 3986, section 2.2'],
  [{}, '/a b', '/a%20b', 'URL standard, path percent-encode set'],
  [{}, '/a%20b', '/a%20b', 'RFC 3986, section 2.1'],
  [{}, '/a"b', '/a%22b', 'URL standard, path percent-encode set'],
  [{}, '/<a>', '/%3Ca%3E', 'URL standard, path percent-encode set'],
  [{}, '/{id}', '/%7Bid%7D', 'URL standard, path percent-encode set'],
  [{}, '/a`b', '/a%60b', 'URL standard, path percent-encode set'],
  [{}, '/a^b', '/a%5Eb', 'URL standard, path percent-encode set since 2023'],
  [{}, '/a|b', '/a%7Cb', 'RFC 3986, appendix A: no character of a path'],
  [{}, '/a%7cb', '/a%7Cb', 'RFC 3986, section 6.2.2.1'],
  [{}, '/[a]', '/[a]', 'URL standard: brackets stay'],
  [{}, '/a\\b', '/a/b', 'URL standard: a backslash is a slash'],
  [{}, '/100%', '/100%25', 'RFC 3986, section 2.4: the character itself is escaped'],
  [{}, '/100%25', '/100%25', 'RFC 3986, section 2.4'],
  [{}, '/%zz', '/%25zz', 'RFC 3986, section 2.1: no escape'],
  [{}, '/%2541', '/%2541', 'RFC 3986, section 2.4: decode once only'],
  [{}, '/%FF', '/%FF', 'no valid UTF-8'],
  [{}, '/a/./b', '/a/b', 'RFC 3986, section 6.2.2.3'],
  [{}, '/a/../b', '/b', 'RFC 3986, section 6.2.2.3'],
  [{}, '/a/%2e/b', '/a/b', 'RFC 3986, section 6.2.2: decode before dot segments'],
  [{}, '/a/%2E%2e/b', '/b', 'RFC 3986, section 6.2.2: decode before dot segments'],
  [{}, '/../../a', '/a', 'RFC 3986, section 5.2.4'],
  [{}, '/a/..', '/', 'RFC 3986, section 5.2.4'],
  [{}, '/a/.', '/a/', 'RFC 3986, section 5.2.4'],
  [{}, '/...', '/...', 'RFC 3986, section 3.3: no dot segment'],
  [{}, '//a', '//a', 'RFC 3986, section 3.3: an empty segment'],
  [{}, '/a//b', '/a//b', 'RFC 3986, section 3.3: an empty segment'],
  [{}, '/a?', '/a', 'an empty query'],
  [{}, '/a?b#c', '/a#c', 'a fragment that the tracker sends is a page'],
  [{}, '/a#', '/a', 'an empty fragment'],
  [{}, '/#/about', '/#/about', 'umami-software/umami#2954: a hash router'],
  [{}, '/#!/about', '/#!/about', 'a hash router with a hashbang'],
  [{}, '/#/', '/', 'the root of a hash router'],
  [{}, '/#/caf%c3%a9', '/#/caf%C3%A9', 'RFC 3986, section 6.2.2.1'],
  [{}, '/#/café', '/#/caf%C3%A9', 'RFC 3987, section 3.1'],
  [{}, '/#/%7Eada', '/#/~ada', 'RFC 3986, section 6.2.2.2'],
  [{}, '/#/a?token=x', '/#/a', 'a query may have secrets'],
  [{}, '/#access_token=x', '/', 'RFC 6749, section 4.2.2: a token'],
  [
    {},
    '/docs/',
    '/docs/',
    'RFC 3986, section 6.2.4: only the server knows whether a final slash matters',
  ],
  [{}, '/docs', '/docs', 'as above'],
  [{}, '/docs/index.html', '/docs/index.html', 'RFC 3986: another path'],
  [{}, '/Docs', '/Docs', 'RFC 3986, section 6.2.2.1: a path is case-sensitive'],
  [{}, '/item?id=5', '/item', 'a query may have secrets'],
  [{ trailingSlash: 'remove' }, '/docs/', '/docs', 'the option'],
  [{ trailingSlash: 'remove' }, '/docs', '/docs', 'the option'],
  [{ trailingSlash: 'remove' }, '/', '/', 'RFC 9110, section 4.2.3: an empty path is the root'],
  [{ trailingSlash: 'remove' }, '', '/', 'RFC 9110, section 4.2.3'],
  [{ trailingSlash: 'remove' }, '//', '/', 'all slashes at the end'],
  [{ trailingSlash: 'remove' }, '/docs///', '/docs', 'all slashes at the end'],
  [{ trailingSlash: 'remove' }, '/docs/?a=b', '/docs', 'the query is no part of the path'],
  [{ trailingSlash: 'remove' }, '/app/#/about/', '/app#/about', 'a route is a path'],
  [
    { trailingSlash: 'remove' },
    '/a%2F',
    '/a%2F',
    'RFC 3986, section 2.2: an escaped slash is data',
  ],
  [{ trailingSlash: 'remove' }, '/docs#top', '/docs#top', 'an anchor is no route'],
  [{ indexFiles: ['index.html'] }, '/index.html', '/', 'nginx, index: the file of a folder'],
  [{ indexFiles: ['index.html'] }, '/docs/index.html', '/docs/', 'nginx, index'],
  [{ indexFiles: ['index.html'] }, '/docs/index.html?a=b#top', '/docs/#top', 'nginx, index'],
  [{ indexFiles: ['index.html'] }, '/docs/index.htm', '/docs/index.htm', 'is not listed'],
  [
    { indexFiles: ['index.html'] },
    '/docs/Index.html',
    '/docs/Index.html',
    'case matters by default',
  ],
  [{ indexFiles: ['index.html'] }, '/my-index.html', '/my-index.html', 'another file'],
  [{ indexFiles: ['index.html'] }, '/index.html/', '/index.html/', 'a folder'],
  [{ indexFiles: ['index.html'] }, '/docs/%69ndex.html', '/docs/', 'RFC 3986, section 6.2.2.2'],
  [{ indexFiles: ['index.php', 'index.html'] }, '/a/index.php', '/a/', 'Apache, DirectoryIndex'],
  [
    { indexFiles: ['index.html'], trailingSlash: 'remove' },
    '/docs/index.html',
    '/docs',
    'both options',
  ],
  [{ indexFiles: ['index.html'], trailingSlash: 'remove' }, '/index.html', '/', 'both options'],
  [
    { indexFiles: ['index.html'], trailingSlash: 'remove' },
    '/a/index.html//index.html/',
    '/a',
    'both options',
  ],
  [{ letterCase: 'lower' }, '/Docs/README', '/docs/readme', 'IIS: paths ignore case'],
  [{ letterCase: 'lower' }, '/CAF%C3%89', '/caf%C3%A9', 'IIS: also letters with accents'],
  [{ letterCase: 'lower' }, '/CAFÉ', '/caf%C3%A9', 'IIS'],
  [
    { letterCase: 'lower' },
    '/a%2fB',
    '/a%2Fb',
    'RFC 3986, section 6.2.2.1: escapes have upper case',
  ],
  [{ letterCase: 'lower' }, '/A%FF', '/a%FF', 'no valid UTF-8'],
  [{ letterCase: 'lower' }, '/#/About', '/#/about', 'a route is a path'],
  [
    { letterCase: 'lower', indexFiles: ['Default.aspx'] },
    '/DEFAULT.ASPX',
    '/',
    'IIS, default document',
  ],
  [{ query: ['id'] }, '/item?id=5&token=x', '/item?id=5', 'only listed parameters'],
  [{ query: ['id'] }, '/item?ID=5', '/item', 'names of parameters are case-sensitive'],
  [{ query: ['id', 'page'] }, '/item?page=2&id=5', '/item?id=5&page=2', 'the order of the list'],
  [{ query: ['id'] }, '/item?id=5&id=6', '/item?id=5&id=6', 'all values of a parameter'],
  [{ query: ['id'] }, '/item?i%64=%35', '/item?id=5', 'RFC 3986, section 6.2.2.2'],
  [{ query: ['q'] }, '/s?q=a+b', '/s?q=a+b', 'application/x-www-form-urlencoded'],
  [{ query: ['q'] }, '/s?q=a%20b', '/s?q=a+b', 'application/x-www-form-urlencoded'],
  [{ query: ['q'] }, '/s?q=caf%c3%a9~', '/s?q=caf%C3%A9~', 'RFC 3986, section 6.2.2'],
  [{ query: ['id'] }, '/item?id=', '/item?id=', 'an empty value is a value'],
  [{ query: ['id'] }, '/item?a=b', '/item', 'none is there'],
  [{ query: ['id'] }, '/item?id=5#/a', '/item?id=5#/a', 'with a route'],
  [{ query: ['id'] }, '/#/item?id=5', '/#/item', 'the query of a fragment is no query of the URL'],
  [allRules, '/Shop/INDEX.html?page=2&id=5&x=1#/Cart/', '/shop?id=5&page=2#/cart', 'all options'],
]

describe('createPageRules: path of an address', () => {
  it.each(addresses)('with %j of %s is %s (%s)', (options, address, path) => {
    expect(createPageRules(options).pathOf(new URL(`https://shop.example${address}`))).toBe(path)
  })
})

it('createPageRules: has at least 100 addresses', () => {
  expect(addresses.length).toBeGreaterThanOrEqual(100)
})

describe('createPageRules', () => {
  const texts = fc
    .array(
      fc.constantFrom(
        '/',
        '/A',
        '/index.html',
        '/é',
        '/%c3%89',
        '/%2F',
        '/%',
        '/..',
        '?id=A',
        '&page=%7e',
        '#/B/',
        '?',
        '|',
        '/'.repeat(995),
      ),
      { maxLength: 6 },
    )
    .map(parts => `/${parts.join('')}`)

  it('does not change its own result', () => {
    for (const options of [{}, allRules, { query: ['id'] }, { trailingSlash: 'remove' as const }]) {
      const rules = createPageRules(options)
      fc.assert(
        fc.property(texts, text => {
          const once = rules.toPath(text)
          expect(rules.toPath(once)).toBe(once)
        }),
        { numRuns: 300 },
      )
    }
  })

  it('is like the protocol without options', () => {
    expect(defaultPageRules.toPath('/a/%7E?id=5#/b')).toBe('/a/~#/b')
  })

  it.each([
    [{ indexFiles: ['a/b'] }, `pages.indexFiles: "a/b" is not a name; for example 'index.html'.`],
    [{ indexFiles: [''] }, `pages.indexFiles: "" is not a name; for example 'index.html'.`],
    [{ query: [''] }, `pages.query: "" is not a name; for example 'id'.`],
    [{ query: Array.from({ length: 21 }, String) }, 'pages.query: 21 names are more than 20.'],
  ])('refuses %j', (options, message) => {
    expect(() => createPageRules(options)).toThrow(new TypeError(message))
  })

  it('handles slow paths in linear time', () => {
    const rules = createPageRules(allRules)
    const before = performance.now()
    for (const unit of ['/', '%C3', '%', 'A/']) rules.toPath(`/${unit.repeat(8000 / unit.length)}a`)
    expect(performance.now() - before).toBeLessThan(50)
  })
})
