import { describe, expect, it } from 'vitest'
import { toChannel } from './channel.ts'
import { parseReferrer } from './referrer.ts'
import { toTaggedPlace } from './source.ts'

/** Public lists and documentation that say which hosts, apps and spellings belong to one place. */
const matomo = 'github.com/matomo-org/searchengine-and-social-list'
const matomoSearch = `${matomo} SearchEngines.yml`
const matomoSocial = `${matomo} Socials.yml`
const matomoAi = `${matomo} AIAssistants.yml`
const case257 = 'snowplow-referer-parser/referer-parser#257; matomo-org/matomo#24286'
const appId =
  'play.google.com/store/apps/details?id= and apps.apple.com/app/id with this name or number'
const snowplowApps =
  'snowplow-referer-parser/referer-parser#131, #229: names of Android apps as referrers'
const metaMacros = 'Meta, URL parameters of ads: site_source_name is fb, ig, msg or an'
const plausible6422 = 'plausible/analytics#6422, merged as #6430: spellings of one source'
const ga4 = 'support.google.com/analytics/answer/9756891: sources of the default channel groups'

type Channel = 'Search' | 'Social' | 'AI' | 'Email' | 'Paid' | 'Referral'

/** Source, channel, where the value comes from, and referrers that belong to it, separated by spaces. */
const referrers: readonly (readonly [string, Channel, string, string])[] = [
  [
    'google.com',
    'Search',
    `${matomoSearch}: Google has google.{}, ipv6 and encrypted`,
    'https://www.google.com/ https://google.de/ https://www.google.co.uk/ https://www.google.com.br/ https://google.cat/ https://www.google.co.jp/url?q=x https://ipv4.google.com/ https://ipv6.google.com/ https://encrypted.google.com/ https://images.google.com/ https://images.google.fr/imgres https://www.google.com./ HTTPS://WWW.GOOGLE.COM/',
  ],
  [
    'google.com',
    'Search',
    snowplowApps,
    'android-app://com.google.android.googlequicksearchbox/ android-app://com.google.android.googlequicksearchbox android-app://com.google.android.googlequicksearchbox/https/www.google.com',
  ],
  [
    'google.com',
    'Search',
    'developers.google.com/amp/cache: pages in results are on cdn.ampproject.org',
    'https://www-shop-example.cdn.ampproject.org/v/s/www.shop.example/',
  ],
  [
    'bing.com',
    'Search',
    `${matomoSearch}: Bing has {}.bing.com and global.bing.com`,
    'https://www.bing.com/ https://cn.bing.com/search https://global.bing.com/ https://de.bing.com/ https://www2.bing.com/',
  ],
  [
    'duckduckgo.com',
    'Search',
    'duckduckgo.com/duckduckgo-help-pages: html, lite and noai versions',
    'https://duckduckgo.com/ https://html.duckduckgo.com/ https://lite.duckduckgo.com/ https://r.duckduckgo.com/ https://start.duckduckgo.com/ https://safe.duckduckgo.com/ https://noai.duckduckgo.com/',
  ],
  [
    'search.yahoo.com',
    'Search',
    `${matomoSearch}: Yahoo! has {}.search.yahoo.com`,
    'https://search.yahoo.com/ https://r.search.yahoo.com/ https://de.search.yahoo.com/ https://espanol.search.yahoo.com/ https://malaysia.search.yahoo.com/ https://search.yahoo.co.jp/',
  ],
  [
    'yandex.com',
    'Search',
    'yandex.com/company: ya.ru and yandex of a country are one search',
    'https://yandex.com/ https://yandex.ru/ https://yandex.com.tr/ https://ya.ru/ https://m.ya.ru/ https://yandex.kz/ https://yandex.by/',
  ],
  [
    'baidu.com',
    'Search',
    `${matomoSearch}: Baidu; case 12 of wap.baidu.com`,
    'https://www.baidu.com/link?url=x https://m.baidu.com/ https://wap.baidu.com/ https://www1.baidu.com/',
  ],
  [
    'naver.com',
    'Search',
    'snowplow-referer-parser/referer-parser#133: one name for all services of Naver',
    'https://search.naver.com/search.naver https://m.search.naver.com/ https://www.naver.com/ https://m.naver.com/',
  ],
  [
    'ecosia.org',
    'Search',
    `${matomoSearch}: Ecosia`,
    'https://www.ecosia.org/ https://ecosia.org/search',
  ],
  [
    'startpage.com',
    'Search',
    'startpage.com/en/about-us: ixquick.com is its former name',
    'https://www.startpage.com/ https://eu.startpage.com/ https://ixquick.com/',
  ],
  ['qwant.com', 'Search', `${ga4}: qwant`, 'https://www.qwant.com/ https://lite.qwant.com/'],
  ['search.brave.com', 'Search', 'search.brave.com/help', 'https://search.brave.com/'],
  ['kagi.com', 'Search', 'help.kagi.com', 'https://kagi.com/'],
  ['mojeek.com', 'Search', 'mojeek.com/about', 'https://www.mojeek.com/ https://www.mojeek.co.uk/'],
  ['search.seznam.cz', 'Search', `${ga4}: seznam`, 'https://search.seznam.cz/ https://seznam.cz/'],
  ['sogou.com', 'Search', `${ga4}: sogou`, 'https://www.sogou.com/ https://m.sogou.com/'],
  ['so.com', 'Search', `${matomoSearch}: 360search`, 'https://www.so.com/ https://m.so.com/'],
  [
    'ask.com',
    'Search',
    `${matomoSearch}: Ask has {}.ask.com`,
    'https://www.ask.com/ https://de.ask.com/ https://search.tb.ask.com/ https://nortonsafe.search.ask.com/',
  ],
  [
    'search.aol.com',
    'Search',
    `${matomoSearch}: AOL`,
    'https://search.aol.com/ https://search.aol.co.uk/ https://aim.search.aol.com/',
  ],
  [
    'search.daum.net',
    'Search',
    `${matomoSearch}: Daum`,
    'https://search.daum.net/ https://m.search.daum.net/',
  ],
  [
    'search.avira.com',
    'Search',
    `${matomoSearch}: Avira SafeSearch`,
    'https://search.avira.com/ https://safesearch.avira.com/',
  ],
  [
    'search.auone.jp',
    'Search',
    `${matomoSearch}: auone`,
    'https://search.auone.jp/ https://sp-search.auone.jp/',
  ],
  ['search.goo.ne.jp', 'Search', `${matomoSearch}: goo`, 'https://search.goo.ne.jp/'],
  ['coccoc.com', 'Search', `${matomoSearch}: Cốc Cốc`, 'https://coccoc.com/search'],
  ['search.xfinity.com', 'Search', `${matomoSearch}: Comcast`, 'https://search.comcast.net/'],
  ['excite.com', 'Search', `${matomoSearch}: Excite`, 'https://msxml.excite.com/'],

  [
    'facebook.com',
    'Social',
    `${matomoSocial}: Facebook; Shopify/goreferrer#14; idlewan/link_cleaner#13`,
    'https://www.facebook.com/ https://l.facebook.com/l.php?u=x https://lm.facebook.com/ https://m.facebook.com/ https://mbasic.facebook.com/ https://de-de.facebook.com/ https://touch.facebook.com/ https://web.facebook.com/ https://fb.com/ https://fb.me/ https://fb.watch/x/',
  ],
  [
    'facebook.com',
    'Social',
    snowplowApps,
    'android-app://m.facebook.com/ android-app://com.facebook.katana/ android-app://com.facebook.lite/',
  ],
  [
    'instagram.com',
    'Social',
    `${matomoSocial}: instagram`,
    'https://www.instagram.com/ https://l.instagram.com/ https://instagr.am/ android-app://com.instagram.android/',
  ],
  [
    'threads.com',
    'Social',
    'about.fb.com, 2025: threads.net moved to threads.com',
    'https://www.threads.com/ https://l.threads.com/ https://threads.net/ https://l.threads.net/ android-app://com.instagram.barcelona/',
  ],
  [
    'messenger.com',
    'Social',
    `${appId}: Messenger; m.me is its link`,
    'https://www.messenger.com/ https://l.messenger.com/ https://m.me/shop android-app://com.facebook.orca/',
  ],
  [
    'whatsapp.com',
    'Social',
    'faq.whatsapp.com: links of wa.me',
    'https://web.whatsapp.com/ https://wa.me/49 https://l.wl.co/ android-app://com.whatsapp/ android-app://com.whatsapp.w4b/',
  ],
  [
    'x.com',
    'Social',
    `${matomoSocial}: Twitter has t.co; help.x.com: twitter.com is x.com`,
    'https://x.com/ https://twitter.com/ https://mobile.twitter.com/ https://mobile.x.com/ https://t.co/abc android-app://com.twitter.android/',
  ],
  [
    'linkedin.com',
    'Social',
    `${matomoSocial}: LinkedIn has lnkd.in; ${plausible6422}`,
    'https://www.linkedin.com/ https://m.linkedin.com/ https://de.linkedin.com/ https://lnkd.in/abc android-app://com.linkedin.android/ android-app://com.linkedin.android',
  ],
  [
    'reddit.com',
    'Social',
    `${matomoSocial}: reddit has np and pay`,
    'https://www.reddit.com/ https://old.reddit.com/ https://new.reddit.com/ https://out.reddit.com/ https://np.reddit.com/ https://pay.reddit.com/ https://de.reddit.com/ https://sh.reddit.com/ https://amp.reddit.com/ https://redd.it/abc android-app://com.reddit.frontpage/',
  ],
  [
    'youtube.com',
    'Social',
    `${matomoSocial}: YouTube has youtu.be`,
    'https://www.youtube.com/ https://m.youtube.com/ https://youtu.be/abc https://music.youtube.com/ android-app://com.google.android.youtube/',
  ],
  [
    'tiktok.com',
    'Social',
    `${ga4}: tiktok; ${appId}`,
    'https://www.tiktok.com/ https://vm.tiktok.com/ https://m.tiktok.com/ android-app://com.zhiliaoapp.musically/',
  ],
  [
    'pinterest.com',
    'Social',
    `${matomoSocial}: Pinterest; help.pinterest.com: pin.it`,
    'https://www.pinterest.com/ https://pinterest.de/ https://www.pinterest.co.uk/ https://de.pinterest.com/ https://pin.it/abc https://www.pinterest.com.au/ android-app://com.pinterest/',
  ],
  [
    'tumblr.com',
    'Social',
    `${matomoSocial}: tumblr; t.umblr.com is its redirect`,
    'https://www.tumblr.com/ https://staff.tumblr.com/ https://t.umblr.com/redirect?z=x',
  ],
  [
    'bsky.app',
    'Social',
    'docs.bsky.app: go.bsky.app are its links',
    'https://bsky.app/ https://go.bsky.app/ https://bsky.social/ android-app://xyz.blueskyweb.app/',
  ],
  [
    'snapchat.com',
    'Social',
    `${ga4}: snapchat`,
    'https://www.snapchat.com/ https://web.snapchat.com/ android-app://com.snapchat.android/',
  ],
  [
    'telegram.org',
    'Social',
    `${matomoSocial}: Telegram; telegram.org/faq: t.me and telegram.me`,
    'https://web.telegram.org/ https://t.me/ https://telegram.me/ android-app://org.telegram.messenger/ android-app://org.telegram.messenger.web/ android-app://org.telegram.plus/',
  ],
  [
    'discord.com',
    'Social',
    'support.discord.com: discordapp.com is its former name',
    'https://discord.com/ https://ptb.discord.com/ https://discordapp.com/ https://discord.gg/abc android-app://com.discord/',
  ],
  [
    'slack.com',
    'Social',
    'pirsch-analytics/pirsch#88; d8a-tech/d8a#505: the app in lower case',
    'https://app.slack.com/ https://slack-redir.net/link?url=x https://team.slack.com/ android-app://com.slack/ android-app://com.Slack/',
  ],
  [
    'teams.microsoft.com',
    'Social',
    'plausible/analytics: statics.teams.cdn.office.net',
    'https://teams.microsoft.com/ https://statics.teams.cdn.office.net/ https://teams.live.com/ android-app://com.microsoft.teams/',
  ],
  [
    'line.me',
    'Social',
    `${appId}: LINE`,
    'https://line.me/ https://lin.ee/abc android-app://jp.naver.line.android/',
  ],
  [
    'vk.com',
    'Social',
    `${matomoSocial}: Vkontakte; vk.ru opens vk.com`,
    'https://vk.com/ https://m.vk.com/ https://away.vk.com/away.php?to=x https://vk.ru/ https://m.vk.ru/ https://vkontakte.ru/ android-app://com.vkontakte.android/',
  ],
  [
    'ok.ru',
    'Social',
    `${matomoSocial}: Odnoklassniki`,
    'https://ok.ru/ https://m.ok.ru/ https://www.odnoklassniki.ru/',
  ],
  [
    'weibo.com',
    'Social',
    `${matomoSocial}: Weibo has t.cn`,
    'https://weibo.com/ https://m.weibo.cn/ https://t.cn/abc https://passport.weibo.com/',
  ],
  [
    'wechat.com',
    'Social',
    `${appId}: WeChat; weixin is its name in China`,
    'https://weixin.qq.com/ https://mp.weixin.qq.com/s/abc android-app://com.tencent.mm/',
  ],
  [
    'xiaohongshu.com',
    'Social',
    `${appId}: REDnote`,
    'https://www.xiaohongshu.com/ https://xhslink.com/abc',
  ],
  ['douban.com', 'Social', `${matomoSocial}: Douban`, 'https://www.douban.com/'],
  [
    'quora.com',
    'Social',
    `${ga4}: quora`,
    'https://www.quora.com/ https://de.quora.com/ android-app://com.quora.android/',
  ],
  [
    'news.ycombinator.com',
    'Social',
    `${matomoSocial}: Hacker News; hn.algolia.com is its search`,
    'https://news.ycombinator.com/item?id=1 https://hn.algolia.com/',
  ],
  [
    'stackoverflow.com',
    'Social',
    `${matomoSocial}: StackOverflow`,
    'https://stackoverflow.com/questions/1 https://es.stackoverflow.com/',
  ],
  [
    'github.com',
    'Social',
    `${matomoSocial}: GitHub`,
    'https://github.com/a/b https://gist.github.com/a',
  ],
  [
    'medium.com',
    'Social',
    `${ga4}: medium.com is a social network`,
    'https://medium.com/ https://ada.medium.com/post',
  ],
  [
    'vimeo.com',
    'Social',
    `${matomoSocial}: Vimeo`,
    'https://vimeo.com/1 https://player.vimeo.com/',
  ],
  [
    'last.fm',
    'Social',
    `${matomoSocial}: Last.fm has lastfm.de`,
    'https://www.last.fm/ https://www.lastfm.de/ https://www.lastfm.com.br/',
  ],
  [
    'livejournal.com',
    'Social',
    `${matomoSocial}: LiveJournal`,
    'https://ada.livejournal.com/ https://livejournal.ru/',
  ],
  ['xing.com', 'Social', `${matomoSocial}: XING`, 'https://www.xing.com/'],
  [
    'flickr.com',
    'Social',
    `${matomoSocial}: Flickr`,
    'https://www.flickr.com/ https://flic.kr/p/a',
  ],
  [
    'mastodon.social',
    'Social',
    `${matomo}#112: the app`,
    'https://mastodon.social/ android-app://org.joinmastodon.android/',
  ],
  ['dribbble.com', 'Social', `${matomoSocial}: Dribbble`, 'https://dribbble.com/'],
  ['mixi.jp', 'Social', `${matomoSocial}: Mixi`, 'https://mixi.jp/'],
  ['badoo.com', 'Social', `${matomoSocial}: Badoo`, 'https://badoo.com/'],
  ['myspace.com', 'Social', `${matomoSocial}: Myspace`, 'https://myspace.com/'],
  ['taringa.net', 'Social', `${matomoSocial}: Taringa!`, 'https://www.taringa.net/'],
  [
    'steamcommunity.com',
    'Social',
    'plausible/analytics: acquisition channels',
    'https://steamcommunity.com/linkfilter/',
  ],
  [
    'producthunt.com',
    'Social',
    'plausible/analytics: acquisition channels',
    'https://www.producthunt.com/',
  ],

  [
    'chatgpt.com',
    'AI',
    `${matomoAi}: ChatGPT; ${case257}`,
    'https://chatgpt.com/ https://chat.openai.com/ https://labs.openai.com/ android-app://com.openai.chatgpt/',
  ],
  [
    'perplexity.ai',
    'AI',
    `${matomoAi}: Perplexity; ${case257}`,
    'https://www.perplexity.ai/ https://perplexity.ai/ android-app://ai.perplexity.app.android/',
  ],
  [
    'claude.ai',
    'AI',
    `${matomoAi}: Claude`,
    'https://claude.ai/ android-app://com.anthropic.claude/',
  ],
  [
    'gemini.google.com',
    'AI',
    `${matomoAi}: Gemini has bard.google.com`,
    'https://gemini.google.com/ https://bard.google.com/ android-app://com.google.android.apps.bard/',
  ],
  [
    'copilot.microsoft.com',
    'AI',
    `${matomoAi}: Copilot; edgeservices.bing.com is Copilot in Edge`,
    'https://copilot.microsoft.com/ https://edgeservices.bing.com/',
  ],
  ['notebooklm.google.com', 'AI', `${matomoAi}: NotebookLM`, 'https://notebooklm.google.com/'],
  ['deepseek.com', 'AI', `${matomoAi}: Deepseek`, 'https://chat.deepseek.com/'],
  ['grok.com', 'AI', `${matomoAi}: Grok`, 'https://grok.com/'],
  ['meta.ai', 'AI', `${matomoAi}: Meta AI`, 'https://www.meta.ai/'],
  ['chat.mistral.ai', 'AI', `${matomoAi}: Le Chat`, 'https://chat.mistral.ai/'],
  ['chat.qwen.ai', 'AI', `${matomoAi}: Qwen`, 'https://chat.qwen.ai/'],
  [
    'yiyan.baidu.com',
    'AI',
    `${matomoAi}: Baidu AI`,
    'https://yiyan.baidu.com/ https://ai.baidu.com/',
  ],
  ['chat.z.ai', 'AI', `${matomoAi}: ChatGLM`, 'https://chatglm.cn/'],
  ['iask.ai', 'AI', `${matomoAi}: iAsk`, 'https://iask.ai/'],
  ['you.com', 'AI', `${matomoAi}: You`, 'https://you.com/search'],
  ['app.jasper.ai', 'AI', `${matomoAi}: Jasper`, 'https://app.jasper.ai/'],
  ['chatplus.com', 'AI', `${matomoAi}: Chat+`, 'https://chatplus.com/'],
  ['phind.com', 'AI', 'plausible/analytics: AI assistants', 'https://www.phind.com/'],

  [
    'mail.google.com',
    'Email',
    `${snowplowApps}; support.google.com/mail`,
    'https://mail.google.com/mail/u/0/ https://inbox.google.com/ android-app://com.google.android.gm/ android-app://com.google.android.gm',
  ],
  [
    'outlook.live.com',
    'Email',
    `${appId}: Microsoft Outlook; its hosts in learn.microsoft.com/microsoft-365/enterprise/urls-and-ip-address-ranges`,
    'https://outlook.live.com/ https://outlook.office.com/mail/ https://outlook.office365.com/ https://nam02.safelinks.protection.outlook.com/?url=x android-app://com.microsoft.office.outlook/',
  ],
  [
    'mail.yahoo.com',
    'Email',
    `${appId}: Yahoo Mail`,
    'https://mail.yahoo.com/ https://us-mg5.mail.yahoo.com/ android-app://com.yahoo.mobile.client.android.mail/',
  ],
  [
    'mail.proton.me',
    'Email',
    'proton.me/support: mail.protonmail.com is its former name',
    'https://mail.proton.me/ https://mail.protonmail.com/ android-app://ch.protonmail.android/',
  ],
  ['mail.aol.com', 'Email', 'help.aol.com', 'https://mail.aol.com/'],
  [
    'gmx.net',
    'Email',
    'hilfe.gmx.net: deref-gmx.net is its redirect',
    'https://deref-gmx.net/mail/client/x https://bap.navigator.gmx.net/',
  ],
  [
    'web.de',
    'Email',
    'hilfe.web.de: deref-web.de is its redirect',
    'https://deref-web.de/mail/client/x https://bap.navigator.web.de/',
  ],
  ['e.mail.ru', 'Email', 'help.mail.ru', 'https://e.mail.ru/ https://touch.mail.ru/'],
  [
    'mail.yandex.com',
    'Email',
    'yandex.com/support/mail',
    'https://mail.yandex.ru/ https://mail.yandex.com/',
  ],
  [
    'mailchimp.com',
    'Email',
    'mailchimp.com/help: mailchi.mp and campaign-archive.com show sent mails',
    'https://mailchi.mp/x/y https://us1.campaign-archive.com/?u=x https://shop.us1.list-manage.com/track/click',
  ],
  ['app.fastmail.com', 'Email', 'fastmail.help', 'https://app.fastmail.com/'],
  ['mail.qq.com', 'Email', 'service.mail.qq.com', 'https://mail.qq.com/ https://wx.mail.qq.com/'],
  [
    'webmail.shop.example',
    'Email',
    'a mail client that an organization runs itself',
    'https://webmail.shop.example/roundcube/',
  ],
  [
    'mail.shop.example',
    'Email',
    'a mail client that an organization runs itself',
    'https://mail.shop.example/',
  ],

  [
    'doubleclick.net',
    'Paid',
    'support.google.com/google-ads: hosts of ads',
    'https://googleads.g.doubleclick.net/ https://tpc.googlesyndication.com/',
  ],
  ['taboola.com', 'Paid', 'help.taboola.com', 'https://trc.taboola.com/'],
  ['outbrain.com', 'Paid', 'outbrain.com/help', 'https://paid.outbrain.com/'],

  [
    'wikipedia.org',
    'Referral',
    'meta.wikimedia.org/wiki/List_of_Wikipedias',
    'https://en.wikipedia.org/wiki/A https://de.m.wikipedia.org/wiki/A https://www.wikipedia.org/ https://zh-yue.wikipedia.org/',
  ],
  [
    'bit.ly',
    'Referral',
    'support.bitly.com: bitly.com and j.mp',
    'https://bit.ly/abc https://bitly.com/abc https://j.mp/abc',
  ],
  ['tinyurl.com', 'Referral', 'tinyurl.com', 'https://tinyurl.com/abc'],
  ['buff.ly', 'Referral', 'support.buffer.com', 'https://buff.ly/abc'],
  [
    'translate.google.com',
    'Referral',
    'a translated page is on translate.goog',
    'https://translate.google.com/ https://news-example.translate.goog/a',
  ],
  [
    'archive.org',
    'Referral',
    'web.archive.org shows copies',
    'https://web.archive.org/web/2026/https://news.example/',
  ],
  [
    'amazon.com',
    'Referral',
    'a shop with hosts of countries',
    'https://www.amazon.com/ https://www.amazon.de/ https://smile.amazon.co.uk/',
  ],
  ['feedly.com', 'Referral', 'a reader of feeds', 'https://feedly.com/i/latest'],
  [
    'news.google.com',
    'Referral',
    'is no search; google.com has it apart',
    'https://news.google.com/ android-app://com.google.android.apps.magazines/',
  ],
  [
    'news.example',
    'Referral',
    'no known place',
    'https://news.example/ https://www.news.example/a?b#c https://news.example:8443/',
  ],
  [
    'com.example.reader',
    'Referral',
    'an unknown app',
    'android-app://com.example.reader/https/shop.example',
  ],
  [
    'business.facebook.com',
    'Referral',
    'tools for companies, no part of the network',
    'https://business.facebook.com/',
  ],
  [
    'google.de.example',
    'Referral',
    'a host of others with a similar name',
    'https://google.de.example/',
  ],
  ['notgoogle.de', 'Referral', 'a host of others with a similar name', 'https://notgoogle.de/'],
  [
    'l.facebook.com.example',
    'Referral',
    'a host of others with a similar name',
    'https://l.facebook.com.example/',
  ],
  ['xlinkedin.com', 'Referral', 'a host of others with a similar name', 'https://xlinkedin.com/'],
  ['google.org', 'Referral', 'a foundation, no search', 'https://google.org/'],
  ['yahoo.com', 'Referral', 'a portal; its search is search.yahoo.com', 'https://www.yahoo.com/'],
  ['constructor', 'Referral', 'a property of every object in JavaScript', 'http://constructor/'],
]

/** Source, channel, where the value comes from, and spellings of `utm_source`, separated by commas. */
const tags: readonly (readonly [string, Channel, string, string])[] = [
  [
    'facebook.com',
    'Social',
    `${plausible6422}; ${metaMacros}`,
    'facebook, Facebook, FACEBOOK, fb, FB, facebook.com, www.facebook.com, https://www.facebook.com/, m.facebook.com, l.facebook.com',
  ],
  ['instagram.com', 'Social', metaMacros, 'instagram, Instagram, ig, IG, instagram.com'],
  ['messenger.com', 'Social', metaMacros, 'msg, messenger'],
  [
    'chatgpt.com',
    'AI',
    'developers.openai.com: ChatGPT adds utm_source=chatgpt.com',
    'chatgpt.com, chatgpt, ChatGPT, openai, chat.openai.com',
  ],
  ['perplexity.ai', 'AI', case257, 'perplexity, perplexity.ai, Perplexity'],
  ['claude.ai', 'AI', `${matomoAi}: Claude`, 'claude, claude.ai, Claude'],
  ['gemini.google.com', 'AI', `${matomoAi}: Gemini`, 'gemini, Gemini, bard'],
  [
    'copilot.microsoft.com',
    'AI',
    'Bing adds utm_source=copilot.com to answers of Copilot',
    'copilot.com, copilot, copilot.microsoft.com',
  ],
  ['x.com', 'Social', plausible6422, 'twitter, Twitter, x, X, twitter.com, x.com, t.co'],
  ['linkedin.com', 'Social', plausible6422, 'linkedin, LinkedIn, Linked-In, linkedin.com'],
  ['reddit.com', 'Social', plausible6422, 'reddit, Reddit, reddit.com'],
  ['youtube.com', 'Social', plausible6422, 'youtube, YouTube, yt, youtube.com, youtu.be'],
  ['tiktok.com', 'Social', plausible6422, 'tiktok, TikTok, Tik Tok'],
  ['pinterest.com', 'Social', plausible6422, 'pinterest, Pinterest'],
  ['threads.com', 'Social', plausible6422, 'threads, threads.net'],
  ['telegram.org', 'Social', plausible6422, 'telegram, Telegram, t.me'],
  ['whatsapp.com', 'Social', plausible6422, 'whatsapp, WhatsApp'],
  ['bsky.app', 'Social', plausible6422, 'bluesky, bsky, Bluesky'],
  [
    'news.ycombinator.com',
    'Social',
    plausible6422,
    'hackernews, Hacker News, hacker_news, hacker-news, hn',
  ],
  [
    'producthunt.com',
    'Social',
    'Product Hunt adds ref=producthunt and utm_source=producthunt',
    'producthunt, Product Hunt',
  ],
  ['google.com', 'Search', ga4, 'google, Google, google.com, google.de'],
  ['bing.com', 'Search', ga4, 'bing, Bing'],
  ['duckduckgo.com', 'Search', ga4, 'duckduckgo, DuckDuckGo, ddg'],
  ['search.yahoo.com', 'Search', ga4, 'yahoo, Yahoo'],
  ['yandex.com', 'Search', ga4, 'yandex, Yandex'],
  [
    'mail.google.com',
    'Email',
    'plausible/analytics: gmail is Email',
    'gmail, Gmail, mail.google.com',
  ],
  ['newsletter', 'Email', 'plausible/analytics: acquisition channels', 'newsletter'],
  ['Newsletter', 'Email', 'a tag of the site itself keeps its spelling', 'Newsletter'],
  ['email', 'Email', ga4, 'email'],
  ['e-mail', 'Email', ga4, 'e-mail'],
  ['e_mail', 'Email', ga4, 'e_mail'],
  [
    'news.example',
    'Referral',
    'a host is the same source as its referrer',
    'news.example, News.Example, https://www.news.example/a',
  ],
  ['Spring campaign', 'Referral', 'a tag of the site itself', 'Spring campaign'],
  ['partner', 'Referral', 'a tag of the site itself', 'partner'],
  ['v2', 'Referral', 'no host', 'v2'],
  ['1.5', 'Referral', 'no host', '1.5'],
  ['__proto__', 'Referral', 'a property of every object in JavaScript', '__proto__'],
]

/** Tags of ads: see `plausible/analytics`, paid sources of its acquisition channels. */
const adTags: readonly (readonly [string, string])[] = [
  ['google.com', 'adwords, AdWords, google_ads, googleads, google-ads, Google Ads'],
  ['facebook.com', 'facebook_ads, facebook-ad, fb_ads, fbads, Facebook Ads, metaads'],
  ['instagram.com', 'ig_ads, instagram_ad, instagram-ads'],
  ['youtube.com', 'yt-ads, youtube_ads'],
  ['linkedin.com', 'linkedin_ads'],
  ['bing.com', 'bing_ads, microsoft-ads'],
  ['reddit.com', 'reddit-ads'],
  ['tiktok.com', 'tiktok_ads'],
]

const words = (text: string, separator: RegExp): string[] =>
  text.split(separator).filter(word => word !== '')

describe('parseReferrer: source and channel', () => {
  const rows = referrers.flatMap(([source, channel, reason, list]) =>
    words(list, / /).map(referrer => [referrer, source, channel, reason] as const),
  )
  it.each(rows)('of %s are %s and %s (%s)', (referrer, source, channel) => {
    expect(parseReferrer(referrer)?.place).toEqual({ source, channel })
  })
})

describe('toTaggedPlace: source and channel', () => {
  const rows = tags.flatMap(([source, channel, reason, list]) =>
    words(list, /, /).map(tag => [tag, source, channel, reason] as const),
  )
  it.each(rows)('of %s are %s and %s (%s)', (tag, source, channel) => {
    expect(toTaggedPlace(tag)).toEqual({ source, channel, isAd: false })
  })

  it.each(adTags.flatMap(([source, list]) => words(list, /, /).map(tag => [tag, source] as const)))(
    'of %s are an ad on %s',
    (tag, source) => {
      expect(toTaggedPlace(tag)).toMatchObject({ source, isAd: true })
    },
  )
})

it('has at least 300 referrers and spellings', () => {
  const count =
    referrers.flatMap(([, , , list]) => words(list, / /)).length +
    tags.flatMap(([, , , list]) => words(list, /, /)).length
  expect(count).toBeGreaterThanOrEqual(300)
})

describe('toChannel', () => {
  /** Rules of https://support.google.com/analytics/answer/9756891, in their order, and of the networks' documentation. */
  it.each([
    ['Paid', { source: 'Search', medium: 'cpc' }],
    ['Paid', { source: 'Search', medium: 'CPC' }],
    ['Paid', { source: 'Social', medium: 'paid_social' }],
    ['Paid', { source: 'Social', medium: 'paidsocial' }],
    ['Paid', { source: 'Referral', medium: 'ppc' }],
    ['Paid', { source: 'Referral', medium: 'cpm' }],
    ['Paid', { source: 'Referral', medium: 'display' }],
    ['Paid', { source: 'Referral', medium: 'retargeting' }],
    ['Paid', { source: 'Direct', clickId: 'gclid' }],
    ['Paid', { source: 'Search', clickId: 'wbraid' }],
    ['Paid', { source: 'Search', clickId: 'msclkid' }],
    ['Paid', { source: 'Social', clickId: 'ScCid' }],
    ['Paid', { source: 'Social', isAd: true }],
    // Facebook adds this one to all links.
    ['Social', { source: 'Social', clickId: 'fbclid' }],
    // Yandex adds this one to all results of its search.
    ['Search', { source: 'Search', clickId: 'ysclid' }],
    ['Email', { source: 'Direct', medium: 'email' }],
    ['Email', { source: 'Social', medium: 'E-Mail' }],
    ['Email', { source: 'Referral', medium: 'newsletter' }],
    ['Social', { source: 'Referral', medium: 'social' }],
    ['Social', { source: 'Referral', medium: 'social-media' }],
    ['Search', { source: 'Referral', medium: 'organic' }],
    ['Social', { source: 'Social', medium: 'organic' }],
    ['AI', { source: 'AI', medium: 'referral' }],
    ['Referral', { source: 'Referral', medium: 'referral' }],
    ['Referral', { source: 'Referral', medium: 'female' }],
    ['Direct', { source: 'Direct' }],
    ['Internal', { source: 'Internal' }],
    [undefined, { source: undefined }],
  ] as const)('is %s for %j', (channel, arrival) => {
    expect(toChannel(arrival)).toBe(channel)
  })
})

describe('parseReferrer', () => {
  it.each([
    ['https://www.example.org/links?page=2#top', 'www.example.org/links'],
    ['https://ada:pw@www.example.org:8443/', 'www.example.org:8443/'],
    ['https://www.example.org/%c3%a9/%7Eada', 'www.example.org/%C3%A9/~ada'],
    ['https://www.example.org', 'www.example.org/'],
    ['android-app://com.slack/https/shop.example/x', 'android-app://com.slack'],
    ['ios-app://284882215/fb/x', 'ios-app://284882215'],
  ])('names the page of %s without what may be secret', (referrer, page) => {
    expect(parseReferrer(referrer)?.page).toBe(page)
  })

  it.each([
    '',
    'nowhere',
    'javascript:alert(1)',
    'android-app://',
    'android-app://a b/',
    'about:client',
  ])('is undefined for %j', referrer => expect(parseReferrer(referrer)).toBeUndefined())

  it('handles slow hosts in linear time', () => {
    const before = performance.now()
    for (const host of ['google.com.', 'a.', 'mail.']) {
      parseReferrer(`https://${host.repeat(8000 / host.length)}example/`)
      toTaggedPlace(host.repeat(200 / host.length))
    }
    expect(performance.now() - before).toBeLessThan(50)
  })
})
