import crawlers from 'crawler-user-agents'
import { describe, expect, it } from 'vitest'
import { parseUserAgent } from './parse-user-agent.ts'

/** Where the programs document their user agents, or where they are reported. */
const sources = {
  ahrefs: 'https://ahrefs.com/robot',
  amazon: 'https://developer.amazon.com/amazonbot',
  anthropic: 'https://support.anthropic.com/articles/8896518',
  apple: 'https://support.apple.com/119829',
  applebotUa: 'https://github.com/fnando/browser/blob/main/test/ua.yml',
  bing: 'https://www.bing.com/webmasters/help/which-crawlers-does-bing-use-8c184ec0',
  checkly: 'https://www.checklyhq.com/docs/monitoring/allowlisting/',
  crawlers: 'https://github.com/monperrus/crawler-user-agents/blob/master/crawler-user-agents.json',
  curl: 'https://curl.se/docs/manpage.html#-A',
  datadog: 'https://docs.datadoghq.com/synthetics/guide/identify_synthetics_bots/',
  duckduckgo: 'https://duckduckgo.com/duckduckgo-help-pages/results/duckduckbot/',
  facebook: 'https://developers.facebook.com/docs/sharing/webmasters/web-crawlers/',
  go: 'https://go.dev/src/net/http/request.go',
  google: 'https://developers.google.com/search/docs/crawling-indexing/google-common-crawlers',
  gtmetrix: 'https://gtmetrix.com/faq.html',
  headless: 'https://developer.chrome.com/docs/chromium/headless',
  lighthouse: 'https://github.com/GoogleChrome/lighthouse/pull/14384',
  linkedin: 'https://www.linkedin.com/robots.txt',
  openai: 'https://platform.openai.com/docs/bots',
  perplexity: 'https://docs.perplexity.ai/guides/bots',
  pingdom: 'https://documentation.solarwinds.com/en/success_center/pingdom',
  posthog2124: 'https://github.com/PostHog/posthog-js/issues/2124',
  posthog417: 'https://github.com/PostHog/posthog-js/issues/417',
  rfc9110: 'https://www.rfc-editor.org/rfc/rfc9110#section-10.1.5',
  semrush: 'https://www.semrush.com/bot/',
  slack: 'https://api.slack.com/robots',
  uaParserJs:
    'https://github.com/faisalman/ua-parser-js/blob/master/test/data/ua/extension/library.json',
  undici: 'https://github.com/nodejs/undici/blob/main/lib/web/fetch/index.js',
  webpagetest: 'https://github.com/catchpoint/WebPageTest.agent',
  x: 'https://developer.x.com/docs/x-for-websites/cards/guides/troubleshooting-cards',
  yandex: 'https://yandex.com/support/webmaster/robot-workings/user-agent.html',
} as const

type Row = readonly [userAgent: string, name: string, source: keyof typeof sources]

const gecko = '(KHTML, like Gecko)'
const win = `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 ${gecko}`
const mac = `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 ${gecko}`
const linux = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 ${gecko}`
const nexus = `Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 ${gecko}`
const plain = `Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible`

const programs: readonly Row[] = [
  [
    'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
    'Googlebot',
    'google',
  ],
  [
    `${nexus} Chrome/142.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)`,
    'Googlebot',
    'google',
  ],
  ['Googlebot-Image/1.0', 'Googlebot', 'google'],
  ['Mozilla/5.0 (compatible; Google-InspectionTool/1.0;)', 'Google-InspectionTool', 'google'],
  ['GoogleOther', 'GoogleOther', 'google'],
  ['AdsBot-Google (+http://www.google.com/adsbot.html)', 'AdsBot-Google', 'google'],
  ['Mediapartners-Google', 'Mediapartners-Google', 'google'],
  [`${mac} Chrome/94.0.4590.2 Safari/537.36 Chrome-Lighthouse`, 'Lighthouse', 'lighthouse'],
  [
    `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.4 (KHTML, like Gecko; Google Page Speed Insights) Chrome/22.0.1229 Safari/537.4`,
    'Lighthouse',
    'applebotUa',
  ],
  ['Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)', 'bingbot', 'bing'],
  [
    `${plain}; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/142.0.0.0 Safari/537.36`,
    'bingbot',
    'bing',
  ],
  [
    'Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)',
    'Yahoo! Slurp',
    'applebotUa',
  ],
  ['DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)', 'DuckDuckBot', 'duckduckgo'],
  [
    'Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)',
    'Baiduspider',
    'crawlers',
  ],
  ['Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)', 'YandexBot', 'yandex'],
  ['Mozilla/5.0 (compatible; YandexImages/3.0; +http://yandex.com/bots)', 'YandexBot', 'yandex'],
  [
    'Mozilla/5.0 (compatible; YandexMetrika/3.0; +http://yandex.com/bots)',
    'YandexMetrika',
    'yandex',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_10_1) AppleWebKit/600.2.5 (KHTML, like Gecko) Version/8.0.2 Safari/600.2.5 (Applebot/0.1)',
    'Applebot',
    'apple',
  ],
  [
    'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
    'facebookexternalhit',
    'facebook',
  ],
  ['facebookcatalog/1.0', 'facebookcatalog', 'facebook'],
  [
    'meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)',
    'meta-externalagent',
    'facebook',
  ],
  ['Twitterbot/1.0', 'Twitterbot', 'x'],
  [
    'LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)',
    'LinkedInBot',
    'linkedin',
  ],
  ['Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)', 'Slackbot', 'slack'],
  ['Slack-ImgProxy 1.138 (+https://api.slack.com/robots)', 'Slackbot', 'slack'],
  ['Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)', 'Discordbot', 'crawlers'],
  ['TelegramBot (like TwitterBot)', 'TelegramBot', 'crawlers'],
  ['WhatsApp/2.19.175 A', 'WhatsApp', 'crawlers'],
  [
    'Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5',
    'SkypeUriPreview',
    'crawlers',
  ],
  ['http.rb/2.2.2 (Mastodon/1.5.1; +https://example-masto-instance.org/)', 'Mastodon', 'crawlers'],
  ['vercel-screenshot/1.0', 'vercel-screenshot', 'posthog2124'],
  [`${plain}; GPTBot/1.2; +https://openai.com/gptbot)`, 'GPTBot', 'openai'],
  [`${plain}; ChatGPT-User/1.0; +https://openai.com/bot`, 'ChatGPT-User', 'openai'],
  [`${plain}; OAI-SearchBot/1.0; +https://openai.com/searchbot`, 'OAI-SearchBot', 'openai'],
  [`${plain}; ClaudeBot/1.0; +claudebot@anthropic.com)`, 'ClaudeBot', 'anthropic'],
  [`${plain}; Claude-User/1.0; +Claude-User@anthropic.com)`, 'Claude-User', 'anthropic'],
  [
    `${plain}; PerplexityBot/1.0; +https://perplexity.ai/perplexitybot)`,
    'PerplexityBot',
    'perplexity',
  ],
  [
    `${plain}; Perplexity-User/1.0; +https://perplexity.ai/perplexity-user)`,
    'Perplexity-User',
    'perplexity',
  ],
  [
    `${plain}; Amazonbot/0.1; +https://developer.amazon.com/support/amazonbot) Chrome/119.0.6045.214 Safari/537.36`,
    'Amazonbot',
    'amazon',
  ],
  ['CCBot/2.0 (https://commoncrawl.org/faq/)', 'CCBot', 'crawlers'],
  [`${linux} Chrome/117.0.0.0 Safari/537.36 GTmetrix`, 'GTmetrix', 'gtmetrix'],
  [`${win} Chrome/126.0.0.0 Safari/537.36 Checkly`, 'Checkly', 'checkly'],
  ['Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)', 'Pingdom', 'pingdom'],
  [
    'Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)',
    'UptimeRobot',
    'crawlers',
  ],
  [
    `${linux} Chrome/102.0.5005.115 Safari/537.36 DatadogSynthetics`,
    'Datadog Synthetics',
    'datadog',
  ],
  [`${linux} Chrome/96.0.4664.45 Safari/537.36 PTST/211202.211915`, 'WebPageTest', 'webpagetest'],
  [
    'AhrefsSiteAudit (Desktop) - Mozilla/5.0 (compatible; AhrefsSiteAudit/6.1; +http://ahrefs.com/robot/)',
    'AhrefsSiteAudit',
    'ahrefs',
  ],
  ['Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)', 'AhrefsBot', 'ahrefs'],
  [
    'Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)',
    'SemrushBot',
    'semrush',
  ],
  [
    'Mozilla/5.0 (compatible; archive.org_bot +http://archive.org/details/archive.org_bot)',
    'Internet Archive',
    'crawlers',
  ],
  ['Screaming Frog SEO Spider/5.1', 'Screaming Frog SEO Spider', 'crawlers'],
  [`${linux} HeadlessChrome/142.0.0.0 Safari/537.36`, 'HeadlessChrome', 'headless'],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X) AppleWebKit/534.34 (KHTML, like Gecko) PhantomJS/1.9.0 Safari/534.34',
    'PhantomJS',
    'applebotUa',
  ],
  [
    'Mozilla/5.0 (unknown OS) AppleWebKit/537.36 (KHTML, like Gecko) jsdom/11.12.0',
    'jsdom',
    'uaParserJs',
  ],
  // Programs without an entry in the list of names: their user agents name them.
  ['Mozilla/5.0 (compatible; MJ12bot/v1.4.8; http://mj12bot.com/)', 'MJ12bot', 'crawlers'],
  [
    'Mozilla/5.0 (compatible; Lipperhey Link Explorer; http://www.lipperhey.com/)',
    'Lipperhey Link Explorer',
    'crawlers',
  ],
  [
    'Mozilla/5.0 (compatible; GoogleDocs; apps-spreadsheets; +http://docs.google.com)',
    'GoogleDocs',
    'crawlers',
  ],
  [
    `${linux} Chrome/107.0 Safari/537.36 Ghost Inspector (63c85ddbde52d6697f57c623)`,
    'Ghost Inspector',
    'crawlers',
  ],
  ['Tweakers Image Proxy https://tweakers.net', 'Tweakers Image Proxy', 'crawlers'],
]

const clients: readonly Row[] = [
  ['curl/8.5.0', 'curl', 'curl'],
  ['Wget/1.20.3 (linux-gnu)', 'Wget', 'crawlers'],
  ['python-requests/2.32', 'python-requests', 'uaParserJs'],
  ['python-httpx/0.27.2', 'httpx', 'uaParserJs'],
  ['Python/3.9 aiohttp/3.8.1', 'aiohttp', 'uaParserJs'],
  ['Python-urllib/2.6', 'Python-urllib', 'uaParserJs'],
  ['Go-http-client/1.1', 'Go-http-client', 'go'],
  ['okhttp/3.2.0', 'okhttp', 'uaParserJs'],
  ['axios/1.7.2', 'axios', 'uaParserJs'],
  ['node', 'Node.js', 'undici'],
  ['node-fetch/1.0 (+https://github.com/bitinn/node-fetch)', 'node-fetch', 'uaParserJs'],
  ['undici', 'undici', 'uaParserJs'],
  ['got/9.6.0 (https://github.com/sindresorhus/got)', 'got', 'uaParserJs'],
  ['Deno/2.1.7', 'Deno', 'uaParserJs'],
  ['Bun/1.0.6', 'Bun', 'uaParserJs'],
  ['Dart/3.5 (dart:io)', 'Dart', 'uaParserJs'],
  ['Java/1.6.0_14', 'Java', 'uaParserJs'],
  ['Apache-HttpClient/4.5.14 (Java/17.0.12)', 'Apache-HttpClient', 'uaParserJs'],
  ['GuzzleHttp/6.5.5 curl/7.70.0 PHP/7.4.22', 'Guzzle', 'uaParserJs'],
  ['libwww-perl/6.05', 'libwww-perl', 'uaParserJs'],
  ['PostmanRuntime/7.26.5', 'Postman', 'uaParserJs'],
  ['rest-client/2.1.0 (linux-gnu x86_64) ruby/2.7.2p137', 'Ruby', 'uaParserJs'],
  // Apps and servers that name themselves.
  ['github-camo (c006e452)', 'github-camo', 'crawlers'],
  ['Shop/3.2', 'Shop', 'rfc9110'],
  ['Scrapy/1.5.0 (+https://scrapy.org)', 'Scrapy', 'uaParserJs'],
]

it.each(programs)('parseUserAgent: %s is the bot %s', (userAgent, name, source) => {
  const { bot, isHttpClient, device } = parseUserAgent(userAgent)
  expect([bot, isHttpClient, device], sources[source]).toEqual([name, false, 'bot'])
})

it.each(clients)('parseUserAgent: %s is the HTTP client %s', (userAgent, name, source) => {
  const { bot, isHttpClient } = parseUserAgent(userAgent)
  expect([bot, isHttpClient], sources[source]).toEqual([name, true])
})

describe('parseUserAgent: all programs of the list crawler-user-agents', () => {
  const agents = crawlers.flatMap(({ instances }) => instances)
  /** Browsers of people that the list has too: apps of Meta, editors with a browser, and web apps of Fluid. */
  const people = /Instagram|MetaIAB Facebook|(?:Code|Trae)\/\d|Fluid\//

  it('are bots, except for browsers inside apps', () => {
    const missed = agents.filter(agent => !parseUserAgent(agent).bot && !people.test(agent))
    expect(missed).toEqual([])
  })

  it('have names without addresses, and almost all have one', () => {
    const names = agents.map(agent => parseUserAgent(agent).bot ?? '')
    expect(names.filter(name => /@|:\/\/|\n/.test(name) || name.length > 40)).toEqual([])
    const unnamed = names.filter(name => name === '(unknown)')
    expect(unnamed.length / names.length).toBeLessThan(0.04)
  })
})
