import Bowser from 'bowser'

/** Name and version of a browser, or of an app with a built-in browser. */
export interface BrowserName {
  /** Name from a fixed set; `undefined` for any other. */
  readonly name: string | undefined
  /** Major version. */
  readonly version: string | undefined
}

/** Version of Facebook's apps. */
const facebookVersion = /FBAV\/(\d+)/

/**
 * Browsers inside apps, by the name of the app. They come first, because they also name the browser of the system. The
 * first group of the second pattern, or else of the first, is the version.
 */
const apps: readonly (readonly [name: string, pattern: RegExp, version?: RegExp])[] = [
  ['Instagram', /\bInstagram(?:[ /](\d+)|\b)/],
  ['Threads', /\bBarcelona[ /](\d+)/],
  ['Messenger', /FBAN\/Messenger|FB_IAB\/(?:Orca|MESSENGER)/, facebookVersion],
  ['Facebook', /\bFBA[NV]\/|FB_IAB\/|MetaIAB Facebook/, facebookVersion],
  [
    'TikTok',
    /\bmusical_ly|\btrill_|TikTok|BytedanceWebview/i,
    /(?:app_version\/|musical_ly_)(\d+)/,
  ],
  ['Snapchat', /Snapchat ?\/?(\d+)/],
  ['Pinterest', /\bPinterest\b(?:\/(\d+))?/],
  ['LinkedIn', /LinkedInApp(?:\]?\/(\d+))?/],
  ['X', /Twitter for (?:iPhone|iPad)(?:\/(\d+))?|TwitterAndroid/],
  ['LINE', /\bLine\/(\d+)/],
  ['KakaoTalk', /KAKAOTALK(?:[ /](\d+))?/],
  ['Whale', /\bWhale\/(\d+)/],
  ['NAVER', /NAVER\(inapp/, /inapp; \w+; \d+; (\d+)/],
  ['WeChat', /MicroMessenger\/(\d+)/],
  ['Telegram', /Telegram-(?:Android|iOS)(?:\/(\d+))?/],
  ['Alipay', /AlipayClient\/(\d+)/],
  ['Weibo', /\bWeibo\b|__weibo__/, /__weibo__(\d+)/],
  ['QQ', /\bQQ\/(\d+)/],
  ['Baidu', /baiduboxapp\/(\d+)/],
  ['Bing', /\bBingWeb\/(\d+)/],
  ['Yahoo! Japan', /\bYJApp-/, /jp\.co\.yahoo\.[\w.]+\/(\d+)/],
  ['Google app', /\b(?:GSA|GoogleApp)\/(\d+)/],
  ['VK', /VKAndroidApp\/(\d+)|com\.vk\.vkclient/],
  ['Zalo', /\bZalo (?:iOS|android)\/(\d+)/i],
  ['Viber', /\bViber(?:\/(\d+)|$)/],
  ['Slack', /\bSlack(?:_SSB)?\/(\d+)/],
  ['Discord', /\bdiscord\/(\d+)/i],
  ['Flipboard', /\bFlipboard(?:-Briefing)?\/(\d+)/],
]

/** Browsers that also name the browser from which they derive. */
const derived: readonly (readonly [name: string, pattern: RegExp, version?: RegExp])[] = [
  ['Meta Quest Browser', /OculusBrowser\/(\d+)/],
  ['Pico Browser', /PicoBrowser\/(\d+)/],
  ['Wolvic', /\bWolvic\/(\d+)/],
  ['Tesla', /\bTesla\/(\d+)|QtCarBrowser/],
  ['DuckDuckGo', /\b(?:DuckDuckGo|Ddg)\/(\d+)/],
  ['Ecosia', /\(Ecosia (?:ios|android)@(\d+)/],
  ['Edge', /\b(?:EdgiOS|EdgA|Edg|Edge)\/(\d+)/],
  ['Opera GX', /\bOPX\/(\d+)/],
  ['Opera Mini', /Opera Mini\/(\d+)/],
  ['Opera', /\b(?:OPR|OPT|OPiOS)\/(\d+)/],
  ['Opera', /Opera Mobi\//, /\bVersion\/(\d+)/],
  ['UC Browser', /UC ?Browser\/?(\d+)/],
  ['Yandex Browser', /\b(?:YaBrowser|YaSearchBrowser)\/(\d+)/],
  ['Brave', /\bBrave(?:\/(\d+)| Chrome\/(\d+))/i, /Chrome\/(\d+)/],
  ['Huawei Browser', /HuaweiBrowser\/(\d+)/],
  ['Seznam', /SznProhlizec\/(\d+)/],
  ['Nintendo', /NintendoBrowser\/(\d+)/],
  ['PlayStation', /\(playstation/i, /(?!)/],
  ['Amazon Silk', /\bSilk\/(\d+)/],
  ['LG Browser', /LG Browser\/(\d+)|\bWeb0S\b/, /(?:LG Browser|Chrome)\/(\d+)/],
  ['Cốc Cốc', /coc_coc_browser\/(\d+)/],
  ['Konqueror', /konqueror\/(\d+)/i],
]

const unknownToBowser = [...apps, ...derived].map(([name]) => name)

/**
 * Browser names by Bowser's name. Bowser returns a part of the header for an unknown browser, so without this list
 * senders could invent any number of browser names.
 */
const bowserNames: ReadonlyMap<string, string> = new Map([
  ...Object.values(Bowser.BROWSER_MAP).map(name => [name, name] as const),
  // Names that Bowser returns but does not list.
  ['Opera Touch', 'Opera'],
  ['PlayStation 4', 'PlayStation'],
  ['SlimerJS', 'SlimerJS'],
  // Names that users know instead of Bowser's.
  ['Focus', 'Firefox Focus'],
  ['Google Search', 'Google app'],
  ['Microsoft Edge', 'Edge'],
  ['Miui', 'MIUI Browser'],
  ['NAVER Whale Browser', 'Whale'],
  ['Samsung Internet for Android', 'Samsung Internet'],
])

/** The browsers that apps show inside themselves, without a name of the app. */
const views = ['Android WebView', 'Safari (in-app)'] as const

/** Names of all browsers. */
export const browserNames: ReadonlySet<string> = new Set([
  ...bowserNames.values(),
  ...unknownToBowser,
  ...views,
])

/** Returns the browser of a user agent. */
export function browserOf(text: string): BrowserName {
  if (text === '') return { name: undefined, version: undefined }
  const known =
    apps.find(([, pattern]) => pattern.test(text)) ??
    derived.find(([, pattern]) => pattern.test(text))
  if (known) {
    const [name, pattern, version = pattern] = known
    return { name, version: toMajor(version.exec(text)?.slice(1).find(isPresent)) }
  }
  const parser = Bowser.getParser(text, true)
  const name = bowserNames.get(parser.getBrowserName())
  return { name: toView(name, text) ?? name, version: toMajor(parser.getBrowserVersion()) }
}

/** Returns the name of an app's view that Bowser takes for the browser of the system. */
function toView(name: string | undefined, text: string): (typeof views)[number] | undefined {
  if ((name === 'Chrome' || name === 'Android Browser') && text.includes('; wv)')) return views[0]
  const isSafari = name === 'Safari' && /\(i(?:Phone|Pad|Pod)/.test(text)
  return isSafari && !text.includes('Safari/') ? views[1] : undefined
}

const isPresent = (text: string | undefined): text is string => text !== undefined

/** A version with more digits is no version. */
function toMajor(version: string | undefined): string | undefined {
  return /^\d{1,4}(?=$|\D)/.exec(version ?? '')?.[0]
}
