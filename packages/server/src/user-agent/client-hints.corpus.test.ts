import { describe, expect, it } from 'vitest'
import { type ClientHints, readClientHints } from './client-hints.ts'
import { parseUserAgent } from './parse-user-agent.ts'

/** Where the hints and their meaning are documented or reported. */
const sources = {
  brave: 'https://github.com/brave/brave-browser/wiki/User-Agent',
  edge: 'https://learn.microsoft.com/microsoft-edge/web-platform/user-agent-guidance',
  formFactors: 'https://wicg.github.io/ua-client-hints/#sec-ch-ua-form-factors',
  grease: 'https://wicg.github.io/ua-client-hints/#grease',
  headless: 'https://developer.chrome.com/docs/chromium/headless',
  mdnPlatform: 'https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-CH-UA-Platform',
  mdnVersion:
    'https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-CH-UA-Platform-Version',
  model: 'https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-CH-UA-Model',
  reduction: 'https://www.chromium.org/updates/ua-reduction/',
  win11: 'https://learn.microsoft.com/microsoft-edge/web-platform/how-to-detect-win11',
} as const

const gecko = '(KHTML, like Gecko)'
const end = 'Chrome/142.0.0.0 Safari/537.36'
const win = `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 ${gecko} ${end}`
const mac = `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 ${gecko} ${end}`
const linux = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 ${gecko} ${end}`
const android = `Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 ${gecko} Chrome/142.0.0.0`
const phone = `${android} Mobile Safari/537.36`
const tablet = `${android} Safari/537.36`
const chrome = '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"'
const windows = { brands: chrome, mobile: '?0', platform: '"Windows"' }
const onAndroid = { brands: chrome, mobile: '?1', platform: '"Android"' }

type Row = readonly [
  userAgent: string,
  hints: ClientHints,
  device: string,
  browser: string,
  os: string,
  source: keyof typeof sources,
]

const rows: readonly Row[] = [
  // Windows 11 has the version 13 and more of its interface.
  [win, windows, 'desktop', 'Chrome 142', 'Windows (unknown)', 'win11'],
  [
    win,
    { ...windows, platformVersion: '"15.0.0"' },
    'desktop',
    'Chrome 142',
    'Windows 11',
    'win11',
  ],
  [
    win,
    { ...windows, platformVersion: '"13.0.0"' },
    'desktop',
    'Chrome 142',
    'Windows 11',
    'win11',
  ],
  [
    win,
    { ...windows, platformVersion: '"10.0.0"' },
    'desktop',
    'Chrome 142',
    'Windows 10',
    'win11',
  ],
  [win, { ...windows, platformVersion: '"1.0.0"' }, 'desktop', 'Chrome 142', 'Windows 10', 'win11'],
  [
    win,
    { ...windows, platformVersion: '"0.3.0"' },
    'desktop',
    'Chrome 142',
    'Windows 8.1',
    'win11',
  ],
  [win, { ...windows, platformVersion: '"0.1.0"' }, 'desktop', 'Chrome 142', 'Windows 7', 'win11'],
  [
    mac,
    { ...windows, platform: '"macOS"', platformVersion: '"26.1.0"' },
    'desktop',
    'Chrome 142',
    'macOS 26',
    'mdnVersion',
  ],
  [
    mac,
    { ...windows, platform: '"macOS"', platformVersion: '"10.15.7"' },
    'desktop',
    'Chrome 142',
    'macOS 10.15',
    'mdnVersion',
  ],
  [
    mac,
    { ...windows, platform: '"macOS"' },
    'desktop',
    'Chrome 142',
    'macOS (unknown)',
    'reduction',
  ],
  // The version is empty on Linux.
  [
    linux,
    { ...windows, platform: '"Linux"', platformVersion: '""' },
    'desktop',
    'Chrome 142',
    'Linux',
    'mdnVersion',
  ],
  [
    linux,
    { ...windows, platform: '"Chrome OS"' },
    'desktop',
    'Chrome 142',
    'Chrome OS',
    'mdnPlatform',
  ],
  [
    linux,
    { ...windows, platform: '"Chromium OS"' },
    'desktop',
    'Chrome 142',
    'Chrome OS',
    'mdnPlatform',
  ],
  [phone, onAndroid, 'mobile', 'Chrome 142', 'Android (unknown)', 'reduction'],
  [
    phone,
    { ...onAndroid, platformVersion: '"16.0.0"' },
    'mobile',
    'Chrome 142',
    'Android 16',
    'mdnVersion',
  ],
  [
    tablet,
    { ...onAndroid, mobile: '?0' },
    'tablet',
    'Chrome 142',
    'Android (unknown)',
    'reduction',
  ],
  // Brands: known ones count, also before Chrome; invented ones do not.
  [
    win,
    { ...windows, brands: '"Chromium";v="142", "Microsoft Edge";v="142", "Not?A_Brand";v="8"' },
    'desktop',
    'Edge 142',
    'Windows (unknown)',
    'edge',
  ],
  [
    win,
    { ...windows, brands: '"Brave";v="142", "Chromium";v="142", "Not A;Brand";v="24"' },
    'desktop',
    'Brave 142',
    'Windows (unknown)',
    'brave',
  ],
  [
    win,
    { ...windows, brands: '"(Not(A:Brand";v="99", "Chromium";v="142"' },
    'desktop',
    'Chrome 142',
    'Windows (unknown)',
    'grease',
  ],
  [
    win,
    { ...windows, brands: '" Not;A Brand";v="99", "Example Browser";v="7"' },
    'desktop',
    'Chrome 142',
    'Windows (unknown)',
    'grease',
  ],
  [
    win,
    { ...windows, brands: '"Opera";v="124", "Chromium";v="140"' },
    'desktop',
    'Opera 124',
    'Windows (unknown)',
    'grease',
  ],
  [
    win,
    { ...windows, fullVersions: '"Chromium";v="142.0.7444.60", "Google Chrome";v="143.0.7499.4"' },
    'desktop',
    'Chrome 143',
    'Windows (unknown)',
    'edge',
  ],
  // Devices that the user agent no longer tells.
  [
    tablet,
    { ...onAndroid, mobile: '?0', model: '"SM-X910"' },
    'tablet',
    'Chrome 142',
    'Android (unknown)',
    'model',
  ],
  [
    tablet,
    { ...onAndroid, mobile: '?0', model: '"BRAVIA 4K VH2"' },
    'tv',
    'Chrome 142',
    'Android (unknown)',
    'model',
  ],
  [
    tablet,
    { ...onAndroid, mobile: '?0', formFactors: '"XR"' },
    'headset',
    'Chrome 142',
    'Android (unknown)',
    'formFactors',
  ],
  [
    tablet,
    { ...onAndroid, mobile: '?0', formFactors: '"Automotive"' },
    'car',
    'Chrome 142',
    'Android (unknown)',
    'formFactors',
  ],
  [
    win,
    { ...windows, formFactors: '"Tablet"' },
    'tablet',
    'Chrome 142',
    'Windows (unknown)',
    'formFactors',
  ],
  [
    phone,
    { ...onAndroid, formFactors: '"Watch"' },
    'mobile',
    'Chrome 142',
    'Android (unknown)',
    'formFactors',
  ],
  // Malformed hints change nothing.
  [
    win,
    { brands: 'Chrome 150', mobile: 'yes', platform: 'Windows', platformVersion: '99' },
    'desktop',
    'Chrome 142',
    'Windows (unknown)',
    'grease',
  ],
  [
    win,
    { platform: '"Unknown"', platformVersion: '"99"' },
    'desktop',
    'Chrome 142',
    'Windows (unknown)',
    'mdnPlatform',
  ],
]

it.each(rows)('parseUserAgent: %s with %j is %s, %s, %s', (...row) => {
  const [userAgent, hints, device, browser, os, source] = row
  const agent = parseUserAgent(userAgent, { hints })
  expect([agent.device, agent.browserVersion, agent.osVersion, agent.bot], sources[source]).toEqual(
    [...[device, browser, os, undefined]],
  )
})

describe('parseUserAgent: hints', () => {
  it('reveal a headless browser with another user agent', () => {
    const hints = { ...windows, brands: '"Chromium";v="142", "HeadlessChrome";v="142"' }
    expect(parseUserAgent(win, { hints }), sources.headless).toMatchObject({
      ...{ bot: 'HeadlessChrome', device: 'bot' },
    })
  })

  it('do not rename the app in whose view a page is', () => {
    const view =
      'Mozilla/5.0 (Linux; Android 11; Pixel 2; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/91.0 ' +
      'Mobile Safari/537.36 Instagram 194.0.0.36.172 Android'
    const brands = '"Android WebView";v="142", "Chromium";v="142"'
    const agent = parseUserAgent(view, { hints: { ...onAndroid, brands } })
    expect(agent.browserVersion).toBe('Instagram 194')
    const plain = parseUserAgent(phone, { hints: { ...onAndroid, brands } })
    expect(plain.browserVersion).toBe('Android WebView 142')
  })
})

describe('readClientHints', () => {
  it('reads the headers of hints, and cuts long ones', () => {
    const headers = new Headers({
      ...{ 'Sec-CH-UA': chrome, 'Sec-CH-UA-Mobile': '?0', 'Sec-CH-UA-Platform': '"Windows"' },
      ...{ 'Sec-CH-UA-Platform-Version': '"15.0.0"', 'Sec-CH-UA-Model': '""' },
      ...{ 'Sec-CH-UA-Full-Version-List': 'x'.repeat(1000), 'Sec-CH-UA-Form-Factors': '"Desktop"' },
    })
    expect(readClientHints(name => headers.get(name) ?? undefined)).toEqual({
      ...{ ...windows, platformVersion: '"15.0.0"', model: '""' },
      ...{ fullVersions: 'x'.repeat(256), formFactors: '"Desktop"' },
    })
  })

  it('returns undefined for a browser without hints, such as Firefox and Safari', () => {
    expect(readClientHints(() => undefined)).toBeUndefined()
  })
})
