import type { Device } from '@tidemark/protocol'

/**
 * The request headers of User-Agent Client Hints (https://wicg.github.io/ua-client-hints), as received. Chromium sends
 * the first three by default over HTTPS, and the others to servers that a site names.
 */
export interface ClientHints {
  /** `Sec-CH-UA`: brands with major versions. */
  readonly brands?: string
  /** `Sec-CH-UA-Mobile`. */
  readonly mobile?: string
  /** `Sec-CH-UA-Platform`. */
  readonly platform?: string
  /** `Sec-CH-UA-Platform-Version`. */
  readonly platformVersion?: string
  /** `Sec-CH-UA-Model`. */
  readonly model?: string
  /** `Sec-CH-UA-Full-Version-List`: brands with full versions. */
  readonly fullVersions?: string
  /** `Sec-CH-UA-Form-Factors`. */
  readonly formFactors?: string
}

/** Name of the header of each hint. */
const headers: readonly (readonly [keyof ClientHints, string])[] = [
  ['brands', 'Sec-CH-UA'],
  ['mobile', 'Sec-CH-UA-Mobile'],
  ['platform', 'Sec-CH-UA-Platform'],
  ['platformVersion', 'Sec-CH-UA-Platform-Version'],
  ['model', 'Sec-CH-UA-Model'],
  ['fullVersions', 'Sec-CH-UA-Full-Version-List'],
  ['formFactors', 'Sec-CH-UA-Form-Factors'],
]

/** Characters of a hint that are read. Chromium's longest, the list of full versions, has about 120. */
const maxHintLength = 256

/** Reads the hints of a request; `undefined` if it has none. */
export function readClientHints(
  header: (name: string) => string | undefined,
): ClientHints | undefined {
  let hints: { -readonly [Name in keyof ClientHints]: ClientHints[Name] } | undefined
  for (const [name, headerName] of headers) {
    const value = header(headerName)
    if (value === undefined || value === '') continue
    hints ??= {}
    hints[name] = value.slice(0, maxHintLength)
  }
  return hints
}

/** Returns a text that is the same for equal hints. */
export function keyOfHints(hints: ClientHints): string {
  const { brands, mobile, platform, platformVersion, model, fullVersions, formFactors } = hints
  return [brands, mobile, platform, platformVersion, model, fullVersions, formFactors].join('\n')
}

/**
 * Names by brand. Any other brand is ignored: it is either unknown, or one of those that Chromium invents so that
 * servers accept unknown brands (GREASE), such as `Not A;Brand`.
 */
const brandNames: ReadonlyMap<string, string> = new Map([
  ['Android WebView', 'Android WebView'],
  ['Avast Secure Browser', 'Avast Secure Browser'],
  ['Brave', 'Brave'],
  ['CocCoc', 'Cốc Cốc'],
  ['DuckDuckGo', 'DuckDuckGo'],
  ['Ecosia', 'Ecosia'],
  ['Google Chrome', 'Chrome'],
  ['HeadlessChrome', 'HeadlessChrome'],
  ['HuaweiBrowser', 'Huawei Browser'],
  ['Microsoft Edge', 'Edge'],
  ['Microsoft Edge WebView2', 'Edge WebView2'],
  ['Miui Browser', 'MIUI Browser'],
  ['NAVER', 'NAVER'],
  ['Oculus Browser', 'Meta Quest Browser'],
  ['Opera', 'Opera'],
  ['Opera GX', 'Opera GX'],
  ['Opera Mini Android', 'Opera Mini'],
  ['Samsung Internet', 'Samsung Internet'],
  ['Vivaldi', 'Vivaldi'],
  ['Whale', 'Whale'],
  ['YaBrowser', 'Yandex Browser'],
  ['Yandex', 'Yandex Browser'],
])

/** Names of browsers that only hints state. */
export const brandedBrowsers: ReadonlySet<string> = new Set(brandNames.values())

/** A brand with its major version. */
export interface Brand {
  readonly name: string
  readonly version: string
}

/** Returns the known brand of a browser. `Google Chrome` counts only if there is no other: some browsers send both. */
export function brandOf({ brands, fullVersions }: ClientHints): Brand | undefined {
  const list = [...(fullVersions ?? brands ?? '').matchAll(/"([^"]{1,40})";\s*v="(\d{1,4})/g)]
  const known = list.flatMap(([, brand = '', version = '']) => {
    const name = brandNames.get(brand)
    return name === undefined ? [] : [{ name, version }]
  })
  return known.find(({ name }) => name !== 'Chrome') ?? known[0]
}

/** Returns the text of a structured string, such as `"Windows"`. */
export function toHintText(hint: string | undefined): string | undefined {
  return /^\s*"([^"\\]{0,64})"/.exec(hint ?? '')?.[1]
}

/** Names of systems by platform. */
const platformNames: ReadonlyMap<string, string> = new Map([
  ['Android', 'Android'],
  ['Chrome OS', 'Chrome OS'],
  ['Chromium OS', 'Chrome OS'],
  ['Fuchsia', 'Fuchsia'],
  ['iOS', 'iOS'],
  ['Linux', 'Linux'],
  ['macOS', 'macOS'],
  ['Windows', 'Windows'],
])

/** The system that hints state. */
export interface HintedSystem {
  readonly os: string
  /** `undefined` if no hint states it. */
  readonly osVersion: string | undefined
}

/** Returns the system that hints state; `undefined` if they state none or an unknown one. */
export function systemOfHints(hints: ClientHints): HintedSystem | undefined {
  const os = platformNames.get(toHintText(hints.platform) ?? '')
  return os === undefined
    ? undefined
    : { os, osVersion: toSystemVersion(os, toHintText(hints.platformVersion)) }
}

/**
 * Returns the version of a system by its platform version. On Windows that is the version of an interface: 13 and more
 * is Windows 11, 1 to 10 is Windows 10, and 0.1, 0.2 and 0.3 are 7, 8 and 8.1
 * (https://learn.microsoft.com/microsoft-edge/web-platform/how-to-detect-win11).
 */
function toSystemVersion(os: string, version: string | undefined): string | undefined {
  const [, major, minor = '0'] = /^(\d{1,4})(?:\.(\d{1,4}))?/.exec(version ?? '') ?? []
  if (major === undefined) return undefined
  if (os === 'macOS') return major === '10' ? `10.${minor}` : major
  if (os !== 'Windows') return os === 'Android' || os === 'iOS' ? major : undefined
  if (Number(major) >= 13) return '11'
  if (Number(major) >= 1) return '10'
  return new Map([
    ['1', '7'],
    ['2', '8'],
    ['3', '8.1'],
  ]).get(minor)
}

/** Kinds of devices by form factor (https://wicg.github.io/ua-client-hints/#sec-ch-ua-form-factors). */
const formFactors: readonly (readonly [string, Device])[] = [
  ['XR', 'headset'],
  ['Automotive', 'car'],
  ['Watch', 'mobile'],
  ['EInk', 'tablet'],
  ['Tablet', 'tablet'],
  ['Mobile', 'mobile'],
  ['Desktop', 'desktop'],
]

/** Kinds of devices that no hint names, or that a model names more exactly. */
const specialDevices: ReadonlySet<Device> = new Set(['tv', 'console', 'headset', 'car'])

/**
 * Returns the kind of a device.
 * @param os system that the hints state
 * @param device kind by user agent and model
 */
export function deviceOfHints(
  { mobile, formFactors: factors = '' }: ClientHints,
  os: string | undefined,
  device: Device,
): Device {
  if (specialDevices.has(device)) return device
  const factor = formFactors.find(([name]) => factors.includes(`"${name}"`))
  if (factor) return factor[1]
  if (os === undefined) return device
  if (os !== 'Android') return device === 'tablet' ? device : 'desktop'
  if (mobile === undefined) return device
  return mobile.trim() === '?1' && device !== 'tablet' ? 'mobile' : 'tablet'
}
