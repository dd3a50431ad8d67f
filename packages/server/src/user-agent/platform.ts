import type { Device } from '@tidemark/protocol'
import { toAppleVersion, toMacVersion, toWindowsVersion } from './system-versions.ts'

/** The system and the kind of device that a text names. */
export interface Platform {
  readonly device: Device
  /** Name from a fixed set; `undefined` for any other system. */
  readonly os: string | undefined
  /** Major version; `undefined` if the text has none or a frozen one. */
  readonly osVersion: string | undefined
}

/** An operating system with the pattern of its user agents. */
interface System {
  readonly name: string
  readonly pattern: RegExp
  /** Returns the version. @default the system has no versions */
  readonly versionOf?: (text: string) => string | undefined
  /** @default the kind of device is not known by the system */
  readonly device?: Device | ((text: string) => Device)
}

/**
 * Browsers that exist on iOS only, or a token that only WebKit on iOS has. Together with a Mac's user agent they reveal
 * an iPad (or an iPhone) that requests desktop sites.
 */
const iosBrowser = /CriOS\/|FxiOS\/|EdgiOS\/|OPiOS\/|\bOPT\/|\bGSA\/|\bFocus\/|\bMobile\/\w/

const firstGroup =
  (pattern: RegExp) =>
  (text: string): string | undefined =>
    pattern.exec(text)?.[1]

const systems: readonly System[] = [
  {
    name: 'PlayStation',
    pattern: /playstation|\(PS[345P]\)/i,
    versionOf: firstGroup(/playstation (\d|vita)/i),
    device: 'console',
  },
  {
    name: 'Xbox',
    pattern: /xbox/i,
    versionOf: firstGroup(/(One|Series [XS])/),
    device: 'console',
  },
  {
    name: 'Nintendo',
    pattern: /nintendo/i,
    versionOf: firstGroup(/nintendo (3DS|Switch|Wii ?U?)/i),
    device: 'console',
  },
  { name: 'Windows Phone', pattern: /windows phone|iemobile|windows ce\b/i, device: 'mobile' },
  { name: 'Tizen', pattern: /tizen/i, versionOf: firstGroup(/tizen[/ ](\d{1,2})/i) },
  {
    name: 'webOS',
    pattern: /web[o0]s|hpwos/i,
    device: text =>
      /touchpad/i.test(text) ? 'tablet' : /webos\/[1-3]\./i.test(text) ? 'mobile' : 'tv',
  },
  { name: 'Roku', pattern: /roku/i, device: 'tv' },
  { name: 'KaiOS', pattern: /kaios/i, versionOf: firstGroup(/kaios\/(\d)/i), device: 'mobile' },
  {
    name: 'HarmonyOS',
    pattern: /harmony/i,
    versionOf: firstGroup(/harmony\w* (\d{1,2})/i),
    device: toAndroidDevice,
  },
  { name: 'iOS', pattern: /ipad/i, versionOf: toAppleVersion, device: 'tablet' },
  {
    name: 'iOS',
    pattern: /iphone|ipod/i,
    versionOf: toAppleVersion,
    device: 'mobile',
  },
  {
    name: 'BlackBerry',
    pattern: /blackberry|\bBB10|playbook|rim tablet/i,
    device: text => (/playbook|tablet/i.test(text) ? 'tablet' : 'mobile'),
  },
  { name: 'Symbian', pattern: /symbian|series[46]0/i, device: 'mobile' },
  { name: 'Bada', pattern: /bada\//i, device: 'mobile' },
  { name: 'Chrome OS', pattern: /\bCrOS\b/, device: 'desktop' },
  {
    name: 'Windows',
    pattern: /windows/i,
    versionOf: toWindowsVersion,
    // Windows RT. "Tablet PC" is a component of Windows that desktops have too.
    device: text => (/windows nt 6\.[23]; arm;/i.test(text) ? 'tablet' : 'desktop'),
  },
  {
    name: 'macOS',
    pattern: /macintosh|mac os x|mac_powerpc|\bmacos\b/i,
    versionOf: toMacVersion,
    device: 'desktop',
  },
  {
    name: 'Android',
    pattern: /^(?!.*like android).*(?:android|\bAdr\b)/i,
    // Chromium reports Android 10 on every device that it names K.
    versionOf: text =>
      /android 10; k\)/i.test(text) ? undefined : firstGroup(/android[ /-](\d{1,2})/i)(text),
    device: toAndroidDevice,
  },
  { name: 'FreeBSD', pattern: /freebsd/i, device: 'desktop' },
  { name: 'OpenBSD', pattern: /openbsd/i, device: 'desktop' },
  { name: 'Fuchsia', pattern: /fuchsia/i },
  {
    name: 'Linux',
    pattern: /linux|ubuntu|\bX11\b/i,
    device: text => (/mobile|mobi\b/i.test(text) ? 'mobile' : 'desktop'),
  },
]

/** Names of all systems. */
export const systemNames: ReadonlySet<string> = new Set(systems.map(({ name }) => name))

const systemsWithVersion: ReadonlySet<string> = new Set(
  systems.filter(({ versionOf }) => versionOf).map(({ name }) => name),
)

/** Returns whether a system has versions that people distinguish. */
export function hasVersions(os: string): boolean {
  return systemsWithVersion.has(os)
}

/** Devices that the model or the browser identifies on any operating system. The first match applies. */
const devices: readonly (readonly [RegExp, Device])[] = [
  // Meta Quest, Pico and other headsets with Android or Linux.
  [/oculusbrowser|; quest\b|picobrowser|\bwolvic|hololens|\bVR safari/i, 'headset'],
  // AFTLFT962X3 and AFTLBT962E2 are Fire TV in cars of Stellantis and BMW.
  [/\btesla\b|tesla\/|qtcarbrowser|\bAFTL[FB]T962|for byd auto|rivian|\(VCC;|automotive/i, 'car'],
  [
    /smart-?tv|smarthub|\btizen.* tv\b|\btv safari|android tv|google ?tv|apple ?tv|hbbtv|netcast|net?tv\b|inettvbrowser/i,
    'tv',
  ],
  // Models of Fire TV, Chromecast, Sony, Philips, Panasonic, Hisense, Vizio, Xiaomi, NVIDIA and Meta.
  [
    /\bAFT[A-Z]|\bcrkey\b|bravia|philipstv|viera|vidaa|\bhisense.*tv|vizio|\bmi(?:tv|box)|shield android|portaltv|nexus player|\bCTV\b|\bDTV\b|lg browser/i,
    'tv',
  ],
  // Electronic readers.
  [/kindle\/\d|\bkobo\b|\bnook\b/i, 'tablet'],
  // Amazon's browser names no device if it requests desktop sites; it runs on tablets.
  [/X11; Linux.* silk\//i, 'tablet'],
]

/** Models of Android tablets, which some browsers and views report together with `Mobile`. */
const androidTablet =
  /tablet|\bKF[A-Z]{3,}|\bKFTT\b|kindle fire|nexus (?:7|9|10)\b|\bSM-[TXP]\d|\bGT-(?:P|N[58])\d|\bpad\b|matepad|lenovo TB/i

function toAndroidDevice(text: string): Device {
  if (androidTablet.test(text)) return 'tablet'
  // Apps and Opera do not say `Mobile`; before Android 3 there were no tablets.
  if (/mobi|\bphone\b|opera mini|dalvik|okhttp|android [12]\./i.test(text)) return 'mobile'
  return /mozilla/i.test(text) ? 'tablet' : 'mobile'
}

/**
 * Returns the platform of a user agent.
 * @param hasTouch whether the browser reports several touch points: a Mac has none, so it is an iPad
 */
export function platformOf(text: string, hasTouch = false): Platform {
  const system = systems.find(({ pattern }) => pattern.test(text))
  if (system?.name === 'macOS' && /macintosh/i.test(text) && (hasTouch || iosBrowser.test(text))) {
    return { device: 'tablet', os: 'iOS', osVersion: toAppleVersion(text) }
  }
  const kind = devices.find(([pattern]) => pattern.test(text))?.[1]
  const bySystem = typeof system?.device === 'function' ? system.device(text) : system?.device
  // A console's browser or a car's user agent may also name a television.
  const device = bySystem === 'console' ? bySystem : (kind ?? bySystem ?? deviceWithoutSystem(text))
  // Headsets say Linux, but run Android.
  if (device === 'headset' && system?.name === 'Linux') {
    return { device, os: 'Android', osVersion: undefined }
  }
  return { device, os: system?.name, osVersion: system?.versionOf?.(text) }
}

/** Phones without a known system have a Java profile or say `Mobile`. */
function deviceWithoutSystem(text: string): Device {
  if (/tablet/i.test(text)) return 'tablet'
  return /mobi|midp|phone|up\.browser|nokia/i.test(text) ? 'mobile' : 'other'
}
