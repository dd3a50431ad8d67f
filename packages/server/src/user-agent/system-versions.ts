/**
 * Versions of systems by user agents. Browsers freeze some of them, so that they no longer say anything:
 *
 * - Windows 10 and 11 are both `Windows NT 10.0` (Microsoft Edge: "Detect Windows 11").
 * - Every macOS since 10.15 is `10_15_7`, in Firefox `10.15` (Chromium: "User-Agent reduction").
 * - Safari of iOS 26 says iOS 18.6 or 18.7 (WebKit: "WebKit Features in Safari 26").
 * - Chromium for Android says `Android 10; K`.
 */

const windowsVersions: ReadonlyMap<string, string> = new Map([
  ['5.0', '2000'],
  ['5.1', 'XP'],
  ['5.2', 'XP'],
  ['6.0', 'Vista'],
  ['6.1', '7'],
  ['6.2', '8'],
  ['6.3', '8.1'],
])

/** Returns the version of Windows; `undefined` for 10 and 11, which have the same user agent. */
export function toWindowsVersion(text: string): string | undefined {
  const version = /windows nt (\d{1,2}\.\d)/i.exec(text)?.[1]
  if (version !== undefined) return windowsVersions.get(version)
  return /windows xp/i.test(text) ? 'XP' : undefined
}

/** Returns the version of macOS, such as `10.14` or `13`; `undefined` for the frozen `10.15`. */
export function toMacVersion(text: string): string | undefined {
  const [, major, minor] = /mac ?os ?x (\d{1,2})(?:[._](\d{1,2}))?/i.exec(text) ?? []
  if (major === undefined) return undefined
  if (major !== '10') return major
  return minor === undefined || Number(minor) >= 15 ? undefined : `10.${minor}`
}

/** Versions that Safari reports on iOS 18.6 and later, and also on iOS 26. */
const frozenIOS = /\bOS 18[._][6-9]/

/**
 * Returns the major version of iOS. On iOS, Safari has the version of the system. Apps write the version of the system
 * behind their names.
 */
export function toAppleVersion(text: string): string | undefined {
  const stated = /FBSV\/(\d{1,2})|; iOS (\d{1,2})[._]/.exec(text)
  if (stated) return stated[1] ?? stated[2]
  const safari = /\bVersion\/(\d{1,2})\b/.exec(text)?.[1]
  const system = /\bOS (\d{1,2})[._]\d/.exec(text)?.[1]
  const isOtherBrowser = /CriOS|FxiOS|EdgiOS|OPiOS|GSA\//.test(text)
  // A request for a desktop site has no version of iOS, and other browsers invent one of Safari.
  if (system === undefined || /macintosh/i.test(text)) return isOtherBrowser ? undefined : safari
  if (safari !== undefined && Number(safari) > Number(system)) return safari
  // Other browsers write the true version of iOS.
  return frozenIOS.test(text) && !isOtherBrowser ? safari : system
}
