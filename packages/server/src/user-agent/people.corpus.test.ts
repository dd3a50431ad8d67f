import { expect, it } from 'vitest'
import { parseUserAgent } from './parse-user-agent.ts'

/** Where the user agents and their meaning are documented or reported. */
const sources = {
  amazonSilk: 'https://docs.aws.amazon.com/silk/latest/developerguide/user-agent.html',
  amazonTablets: 'https://developer.amazon.com/docs/fire-tablets/ft-user-agent-strings.html',
  amazonTv: 'https://developer.amazon.com/docs/fire-tv/user-agent-strings.html',
  chromium: 'https://www.chromium.org/updates/ua-reduction/',
  deviceDetector: 'https://github.com/matomo-org/device-detector/issues/7736',
  fnando: 'https://github.com/fnando/browser/blob/main/test/ua.yml',
  fnandoIPad: 'https://github.com/fnando/browser/issues/547',
  isbot: 'https://github.com/omrilotan/isbot/blob/main/fixtures/browsers.yml',
  lg: 'https://webostv.developer.lge.com/develop/specifications/web-api-and-web-engine',
  mdnFirefox: 'https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/User-Agent/Firefox',
  mdnUserAgent: 'https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/User-Agent',
  meta: 'https://developers.meta.com/horizon/documentation/web/browser-specs/',
  microsoftEdge: 'https://learn.microsoft.com/microsoft-edge/web-platform/user-agent-guidance',
  microsoftIE:
    'https://learn.microsoft.com/previous-versions/windows/internet-explorer/ie-developer/compatibility/hh869301(v=vs.85)',
  mobileDetect: 'https://github.com/serbanghita/Mobile-Detect/issues/857',
  samsungInternet: 'https://developer.samsung.com/internet/user-agent-string-format.html',
  samsungTv:
    'https://developer.samsung.com/smarttv/develop/guides/fundamentals/retrieving-platform-information.html',
  uaParserJs: 'https://github.com/faisalman/ua-parser-js/tree/master/test/data/ua',
  uapCore: 'https://github.com/ua-parser/uap-core/pull/586',
  webkit26: 'https://webkit.org/blog/17333/webkit-features-in-safari-26-0/',
  whichBrowser: 'https://github.com/WhichBrowser/Parser-PHP/tree/master/tests/data',
  zenn: 'https://zenn.dev/kecy/articles/f51851e42c4243',
} as const

/** One user agent per line: device | browser and version | system and version | source | user agent. */
const corpus = String.raw`
# Computers
# Windows NT 10.0 is Windows 10 and 11, and Mac OS X 10_15_7 every later macOS: their versions are unknown.
desktop | Chrome 142 | Windows (unknown) | chromium | Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36
desktop | Chrome 142 | macOS (unknown) | chromium | Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36
desktop | Chrome 142 | Linux | chromium | Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36
desktop | Chrome 142 | Chrome OS | chromium | Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36
desktop | Edge 142 | Windows (unknown) | microsoftEdge | Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0
desktop | Edge 81 | macOS (unknown) | isbot | Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/81.0.4044.92 Safari/537.36 Edg/81.0.416.45
desktop | Edge 17 | Windows (unknown) | isbot | Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/64.0.3282.140 Safari/537.36 Edge/17.17134
desktop | Firefox 142 | Windows (unknown) | mdnFirefox | Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0
desktop | Firefox 142 | macOS (unknown) | mdnFirefox | Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:142.0) Gecko/20100101 Firefox/142.0
desktop | Firefox 142 | Linux | mdnFirefox | Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0
desktop | Firefox 26 | macOS 10.9 | isbot | Mozilla/5.0 (Macintosh; Intel Mac OS X 10.9; rv:26.0) Gecko/20100101 Firefox/26.0
desktop | Firefox 24 | Linux | isbot | Mozilla/5.0 (X11; Ubuntu; Linux i686; rv:24.0) Gecko/20100101 Firefox/24.0
desktop | Safari 26 | macOS (unknown) | webkit26 | Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15
desktop | Safari 12 | macOS 10.14 | isbot | Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.1 Safari/605.1.15
desktop | Chrome 87 | macOS 11 | chromium | Mozilla/5.0 (Macintosh; Intel Mac OS X 11_1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/87.0.4280.88 Safari/537.36
desktop | Opera 43 | Windows (unknown) | isbot | Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/56.0.2924.87 Safari/537.36 OPR/43.0.2442.991
desktop | Opera 12 | Windows 7 | isbot | Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18
desktop | Vivaldi 2 | Windows (unknown) | isbot | Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/78.0.3904.99 Safari/537.36 Vivaldi/2.9.1705.41
desktop | Brave 80 | Windows (unknown) | isbot | Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Brave Chrome/80.0.3987.132 Safari/537.36
desktop | Yandex Browser 17 | Windows 7 | isbot | Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/59.0.3071.125 YaBrowser/17.7.1.791 Yowser/2.5 Safari/537.36
desktop | Whale 3 | macOS (unknown) | isbot | Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/100.0.4896.57 Whale/3.14.133.23 Safari/537.36
desktop | Seznam 3 | Windows Vista | isbot | Mozilla/5.0 (Windows NT 6.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/50.0.2661.102 Safari/537.36 SznProhlizec/3.0.0
desktop | QQ Browser 10 | Windows 8.1 | isbot | Mozilla/5.0 (Windows NT 6.3; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/63.0.3239.26 Safari/537.36 Core/1.63.6788.400 QQBrowser/10.3.2727.400
desktop | Pale Moon 27 | Windows XP | isbot | Mozilla/5.0 (Windows NT 5.1; rv:52.9) Gecko/20100101 Goanna/3.4 Firefox/52.9 PaleMoon/27.9.1a1
desktop | SeaMonkey 2 | Linux | isbot | Mozilla/5.0 (X11; Linux x86_64; rv:29.0) Gecko/20100101 Firefox/29.0 SeaMonkey/2.26
desktop | Internet Explorer 11 | Windows 7 | microsoftIE | Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko
desktop | Internet Explorer 10 | Windows 8 | fnando | Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)
desktop | Internet Explorer 6 | Windows XP | isbot | Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1; .NET CLR 1.1.4322)
# "Tablet PC 2.0" is a component that desktops have too.
desktop | Internet Explorer 11 | Windows (unknown) | isbot | Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; Touch; .NET4.0C; .NET4.0E; .NET CLR 2.0.50727; .NET CLR 3.0.30729; .NET CLR 3.5.30729; Tablet PC 2.0; wbx 1.0.0; rv:11.0) like Gecko
desktop | Konqueror 4 | Linux | isbot | Mozilla/5.0 (compatible; Konqueror/4.4; Linux) KHTML/4.4.5 (like Gecko) Kubuntu
desktop | Firefox 2 | FreeBSD | isbot | Mozilla/5.0 (X11; U; FreeBSD i386; en-US; rv:1.8.1.18) Gecko/20081206 Firefox/2.0.0.18 Kazehakase/0.5.4
desktop | DuckDuckGo 17 | macOS (unknown) | deviceDetector | Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15 Ddg/17.5
desktop | Slack 4 | macOS (unknown) | uaParserJs | Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Slack/4.39.90 Chrome/127.0.6533.72 Electron/13.1.9 Safari/537.36
desktop | Discord 0 | Windows (unknown) | isbot | Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) discord/0.0.306 Chrome/78.0.3904.130 Electron/7.1.11 Safari/537.36
desktop | WeChat 6 | Windows 7 | isbot | Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/39.0.2171.95 Safari/537.36 MicroMessenger/6.5.2.501 NetType/WIFI WindowsWechat QBCore/3.43.691.400 QQBrowser/9.0.2524.400
desktop | QQ Browser 3 | macOS 10.10 | isbot | Mozilla/5.0 (Macintosh; Intel Mac OS X 10_10_5) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/43.0.2357.134 Safari/537.36 QQBrowser/3.8.3858.400
desktop | Safari 5 | macOS 10.6 | fnando | Mozilla/5.0 (Macintosh; U; Intel Mac OS X 10_6_4; en-us) AppleWebKit/533.17.8 (KHTML, like Gecko) Version/5.0.1 Safari/533.17.8
# Phones
mobile | Chrome 142 | Android (unknown) | chromium | Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36
mobile | Chrome 104 | Android 13 | isbot | Mozilla/5.0 (Linux; Android 13; Pixel 6) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/104.0.0.0 Mobile Safari/537.36
mobile | Firefox 142 | Android 15 | mdnFirefox | Mozilla/5.0 (Android 15; Mobile; rv:142.0) Gecko/142.0 Firefox/142.0
mobile | Samsung Internet 28 | Android (unknown) | samsungInternet | Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36
# A foldable phone, folded or not.
mobile | Samsung Internet 24 | Android 14 | samsungInternet | Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-F946B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/24.0 Chrome/117.0.0.0 Mobile Safari/537.36
mobile | Edge 142 | Android (unknown) | microsoftEdge | Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36 EdgA/142.0.0.0
mobile | Opera 11 | Android 5 | isbot | Mozilla/5.0 (Linux; U; Android 5.0.2; zh-CN; Redmi Note 3 Build/LRX22G) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 OPR/11.2.3.102637 Mobile Safari/537.36
mobile | Opera Mini 12 | Android (unknown) | isbot | Opera/9.80 (Android; Opera Mini/12.0.1987/37.7327; U; pl) Presto/2.12.423 Version/12.16
mobile | Opera 12 | Android 2 | fnando | Opera/9.8 (Android 2.3.5; Linux; Opera Mobi/ADR-1205181138; U; en) Presto/2.10.254 Version/12.00
mobile | Opera Mini 3 | (unknown) | isbot | Opera/8.01 (J2ME/MIDP; Opera Mini/3.1.10423/1724; en; U; ssr)
mobile | Huawei Browser 14 | Android 10 | isbot | Mozilla/5.0 (Linux; Android 10; MAR-LX3A; HMSCore 6.12.4.311; GMSCore 23.48.16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0.4844.88 HuaweiBrowser/14.0.2.311 Mobile Safari/537.36
mobile | Huawei Browser 14 | HarmonyOS (unknown) | isbot | Mozilla/5.0 (Linux; Android 12; HarmonyOS; TET-AN00; HMSCore 6.12.4.312) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0.4844.88 HuaweiBrowser/14.0.5.301 Mobile Safari/537.36
mobile | MIUI Browser 9 | Android 7 | isbot | Mozilla/5.0 (Linux; U; Android 7.0; en-us; Redmi Note 4 Build/NRD90M) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/53.0.2785.146 Mobile Safari/537.36 XiaoMi/MiuiBrowser/9.2.8
mobile | UC Browser 11 | Android 4 | isbot | Mozilla/5.0 (Linux; U; Android 4.4.2; zh-CN; HUAWEI MT7-TL00 Build/HuaweiMT7-TL00) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/40.0.2214.89 UCBrowser/11.3.8.909 Mobile Safari/537.36
mobile | Ecosia 111 | Android (unknown) | isbot | Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/111.0.0.0 Mobile Safari/537.36 (Ecosia android@111.0.5563.116)
mobile | DuckDuckGo 5 | Android 10 | isbot | Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/84.0.4147.111 Mobile DuckDuckGo/5 Safari/537.36
mobile | Brave 74 | Android 9 | isbot | Mozilla/5.0 (Linux; Android 9; Nokia 7 plus) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/74.0.3729.157 Mobile Safari/537.36 Brave/74
# Phones whose maker is called Cubot are no bots.
mobile | Chrome 72 | Android 6 | isbot | Mozilla/5.0 (Linux; Android 6.0; CUBOT MAX) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/72.0.3626.121 Mobile Safari/537.36
mobile | Android Browser 4 | Android 2 | isbot | Mozilla/5.0 (Linux; U; Android 2.2) AppleWebKit/533.1 (KHTML, like Gecko) Version/4.0 Mobile Safari/533.1
mobile | Safari 18 | iOS 18 | webkit26 | Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1
# Safari of iOS 26 freezes the version of iOS, but Safari is as new as the system.
mobile | Safari 26 | iOS 26 | webkit26 | Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1
mobile | Safari 13 | iOS 13 | isbot | Mozilla/5.0 (iPhone; CPU iPhone OS 13_2_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0.3 Mobile/15E148 Safari/604.1
mobile | Safari 19 | iOS 19 | webkit26 | Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1
mobile | Chrome 91 | iOS 14 | zenn | Mozilla/5.0 (iPhone; CPU iPhone OS 14_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/91.0.4472.80 Mobile/15E148 Safari/604.1
mobile | Chrome 142 | iOS 26 | chromium | Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0.0.0 Mobile/15E148 Safari/604.1
mobile | Firefox 142 | iOS 15 | mdnFirefox | Mozilla/5.0 (iPhone; CPU iPhone OS 15_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/142.0 Mobile/15E148 Safari/605.1.15
mobile | Edge 44 | iOS 13 | isbot | Mozilla/5.0 (iPhone; CPU iPhone OS 13_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 EdgiOS/44.10.19 Mobile/15E148 Safari/605.1.15
mobile | Opera 5 | iOS 12 | isbot | Mozilla/5.0 (iPhone; CPU iPhone OS 12_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) OPT/5 Mobile/16B92
mobile | Firefox Focus 4 | iOS 11 | isbot | Mozilla/5.0 (iPhone; CPU iPhone OS 11_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Focus/4.1 Mobile/15G77
mobile | Ecosia 9 | iOS 17 | isbot | Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4.1 Mobile/15E148 Safari/604.1 (Ecosia ios@9.2.3.1367)
mobile | Safari 3 | iOS 3 | fnando | Mozilla/5.0 (iPod; U; CPU like Mac OS X; en) AppleWebKit/420.1 (KHTML, like Gecko) Version/3.0 Mobile/3A100a Safari/419.3
mobile | Internet Explorer 11 | Windows Phone | isbot | Mozilla/5.0 (Mobile; Windows Phone 8.1; Android 4.0; ARM; Trident/7.0; Touch; rv:11.0; IEMobile/11.0; NOKIA; Lumia 635) like iPhone OS 7_0_3 Mac OS X AppleWebKit/537 (KHTML, like Gecko) Mobile Safari/537
mobile | Edge 15 | Windows Phone | isbot | Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 650) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/52.0.2743.116 Mobile Safari/537.36 Edge/15.15254
mobile | BlackBerry 10 | BlackBerry | isbot | Mozilla/5.0 (BB10; Touch) AppleWebKit/537.35+ (KHTML, like Gecko) Version/10.3.2.2639 Mobile Safari/537.35+
mobile | Firefox 48 | KaiOS 2 | mdnFirefox | Mozilla/5.0 (Mobile; Nokia_2720_Flip; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5.2
# Tablets
tablet | Safari 16 | iOS 16 | mdnUserAgent | Mozilla/5.0 (iPad; CPU OS 16_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.0 Mobile/15E148 Safari/604.1
tablet | Safari 26 | iOS 26 | webkit26 | Mozilla/5.0 (iPad; CPU OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.3 Mobile/15E148 Safari/604.1
# Requests for desktop sites: only iOS has CriOS, FxiOS, EdgiOS, OPT and Mobile/.
tablet | Chrome 140 | iOS (unknown) | fnandoIPad | Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140 Version/18.0 Safari/605.1.15
tablet | Firefox 140 | iOS (unknown) | mobileDetect | Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/140.0 Safari/605.1.15
tablet | Edge 140 | iOS (unknown) | uapCore | Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) EdgiOS/140.0.0.0 Version/18.0 Safari/605.1.15
tablet | Opera 2 | iOS (unknown) | isbot | Mozilla/5.0 (Macintosh; Intel Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) OPT/2.2.1
tablet | DuckDuckGo 7 | iOS (unknown) | isbot | Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_4) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 DuckDuckGo/7
tablet | Opera 1 | iOS 12 | isbot | Mozilla/5.0 (iPad; CPU OS 12_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) OPT/1.11.0 Mobile/15E148
tablet | Chrome 142 | Android (unknown) | chromium | Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36
tablet | Firefox 142 | Android 15 | mdnFirefox | Mozilla/5.0 (Android 15; Tablet; rv:142.0) Gecko/142.0 Firefox/142.0
tablet | Samsung Internet 24 | Android 13 | samsungInternet | Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-X700) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/24.0 Chrome/117.0.0.0 Safari/537.36
tablet | Chrome 18 | Android 4 | fnando | Mozilla/5.0 (Linux; Android 4.1.1; Nexus 7 Build/JRO03D) AppleWebKit/535.19 (KHTML, like Gecko) Chrome/18.0.1025.166 Safari/535.19
tablet | Amazon Silk 80 | Android 5 | amazonSilk | Mozilla/5.0 (Linux; Android 5.1.1; KFSUWI) AppleWebKit/537.36 (KHTML, like Gecko) Silk/80.5.3 like Chrome/80.0.3987.162 Safari/537.36
tablet | Amazon Silk 3 | Android 4 | amazonTablets | Mozilla/5.0 (Linux; U; Android 4.0.3; en-us; KFTT Build/IML74K) AppleWebKit/535.19 (KHTML, like Gecko) Silk/3.4 Mobile Safari/535.19 Silk-Accelerated=true
tablet | Amazon Silk 124 | Linux | amazonSilk | Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Silk/124.5.2 like Chrome/124.0.6367.248 Safari/537.36
tablet | Safari 5 | Linux | isbot | Mozilla/5.0 (X11; U; Linux armv7l like Android; en-us) AppleWebKit/531.2+ (KHTML, like Gecko) Version/5.0 Safari/533.2+ Kindle/3.0+
tablet | Android Browser 4 | Android 2 | fnando | Mozilla/5.0 (Linux; U; Android 2.3.4; en-us; NOOK BNTV250A Build/GINGERBREAD 1.4.3) AppleWebKit/533.1 (KHTML, like Gecko) Version/4.0 Safari/533.1
tablet | BlackBerry 7 | BlackBerry | fnando | Mozilla/5.0 (PlayBook; U; RIM Tablet OS 2.1.0; en-US) AppleWebKit/536.2+ (KHTML, like Gecko) Version/7.2.1.0 Safari/536.2+
# Windows RT.
tablet | Internet Explorer 10 | Windows 8 | fnando | Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; ARM; Trident/6.0; Touch)
tablet | Android Browser 4 | Android 3 | fnando | Mozilla/5.0 (Linux; U; Android 3.0; en-us; Xoom Build/HRI39) AppleWebKit/534.13 (KHTML, like Gecko) Version/4.0 Safari/534.13
tablet | Chrome 114 | HarmonyOS 5 | mdnUserAgent | Mozilla/5.0 (Tablet; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1
# Apps
mobile | Instagram 123 | iOS 13 | isbot | Mozilla/5.0 (iPhone; CPU iPhone OS 13_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 123.1.0.26.115 (iPhone11,8; iOS 13_3; en_US; en-US; scale=2.00; 828x1792; 190542906)
mobile | Instagram 194 | Android 11 | isbot | Mozilla/5.0 (Linux; Android 11; Pixel 2 Build/RP1A.201005.004.A1; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/91.0.4472.120 Mobile Safari/537.36 Instagram 194.0.0.36.172 Android (30/11; 420dpi; 1080x1878; Google/google; Pixel 2; walleye; walleye; en_US; 301484483)
mobile | Facebook 183 | iOS 11 | isbot | Mozilla/5.0 (iPhone; CPU iPhone OS 11_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15G77 [FBAN/FBIOS;FBAV/183.0.0.41.81;FBBV/119182652;FBDV/iPhone6,2;FBMD/iPhone;FBSN/iOS;FBSV/11.4.1;FBSS/2;FBCR/VIVO;FBID/phone;FBLC/pt_BR;FBOP/5;FBRV/0]
# The app states the version of iOS, WebKit of iOS 26 does not.
mobile | Facebook 530 | iOS 26 | whichBrowser | Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/530.0.0.38.75;FBBV/119182652;FBDV/iPhone14,5;FBMD/iPhone;FBSN/iOS;FBSV/26.0;FBSS/3;FBID/phone;FBLC/en_US;FBOP/5]
mobile | Facebook 263 | Android 9 | isbot | Mozilla/5.0 (Linux; Android 9; SM-G950U Build/PPR1.180610.011; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/80.0.3987.149 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/263.0.0.46.121;]
mobile | Facebook (unknown) | Android 16 | isbot | Mozilla/5.0 (Linux; Android 16; Pixel 10 Pro XL Build/CP1A.260305.018; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/146.0.7680.174 Mobile Safari/537.36 MetaIAB Facebook
tablet | Facebook 145 | iOS 11 | whichBrowser | Mozilla/5.0 (iPad; CPU OS 11_0_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15A432 [FBAN/FBIOS;FBAV/145.0.0.59.86;FBBV/74951375;FBDV/iPad6,11;FBMD/iPad;FBSN/iOS;FBSV/11.0.3;FBSS/2;FBCR/;FBID/tablet;FBLC/nl_NL;FBOP/5;FBRV/0]
mobile | TikTok 18 | Android 10 | isbot | Mozilla/5.0 (Linux; Android 10; SM-G973F Build/QQ3A.200805.001; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/85.0.4183.101 Mobile Safari/537.36 trill_2021806060 JsSdk/1.0 NetType/WIFI Channel/googleplay AppName/musical_ly app_version/18.6.6 ByteLocale/fr ByteFullLocale/fr Region/FR
mobile | Snapchat 11 | iOS 14 | isbot | Mozilla/5.0 (iPhone; CPU iPhone OS 14_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/14.1.1 Mobile/15E148 Snapchat/11.36.0.36 (like Safari/604.1)
mobile | Snapchat 10 | Android 10 | isbot | Mozilla/5.0 (Linux; Android 10; SM-G973U Build/QP1A.190711.020; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/79.0.3945.136 Mobile Safari/537.36Snapchat10.74.6.0 (SM-G973U; Android 10#G973USQS2CSL1#29; gzip)
tablet | Pinterest (unknown) | iOS 6 | isbot | Mozilla/5.0 (iPad; CPU OS 6_1_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/10B329 [Pinterest/iOS]
tablet | Pinterest (unknown) | Android 5 | isbot | Mozilla/5.0 (Linux; Android 5.1.1; KFDOWI Build/LVY48F; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/70.0.3538.110 Safari/537.36 [Pinterest/Android]
mobile | LinkedIn (unknown) | iOS 12 | isbot | Mozilla/5.0 (iPhone; CPU iPhone OS 12_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [LinkedInApp]
mobile | X 8 | iOS 13 | isbot | Mozilla/5.0 (iPhone; CPU iPhone OS 13_3_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/17D50 Twitter for iPhone/8.10
mobile | LINE 11 | iOS 14 | zenn | Mozilla/5.0 (iPhone; CPU iPhone OS 14_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari Line/11.7.2
mobile | WeChat 6 | iOS 10 | isbot | Mozilla/5.0 (iPhone; CPU iPhone OS 10_3_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/14G60 wxwork/2.1.5 MicroMessenger/6.3.22
mobile | WeChat 6 | Android 7 | isbot | Mozilla/5.0 (Linux; Android 7.0; FRD-AL00 Build/HUAWEIFRD-AL00; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/53.0.2785.49 Mobile MQQBrowser/6.2 TBS/043602 Safari/537.36 MicroMessenger/6.5.16.1120 NetType/WIFI Language/zh_CN
mobile | NAVER 12 | iOS 17 | isbot | Mozilla/5.0 (iPhone; CPU iPhone OS 17_2_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Mobile/15E148 Safari/605.1 NAVER(inapp; search; 2000; 12.3.6; 14PRO)
mobile | Baidu 11 | iOS 13 | isbot | Mozilla/5.0 (iPhone; CPU iPhone OS 13_3_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 SP-engine/2.16.0 main/1.0 baiduboxapp/11.20.0.17 (Baidu; P2 13.3.1) NABar/1.0
mobile | Bing 6 | iOS 12 | isbot | Mozilla/5.0 (iPhone; CPU iPhone OS 12_3_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.0 Mobile/15E148 Safari/605.1.15 BingWeb/6.37.2.0
mobile | Google app 102 | iOS 13 | isbot | Mozilla/5.0 (iPhone; CPU iPhone OS 13_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) GSA/102.0.304944559 Mobile/15E148 Safari/604.1
mobile | Google app 12 | Android 6 | isbot | Mozilla/5.0 (Linux; Android 6.0.1; SM-G532M Build/MMB29T; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/88.0.4324.181 Mobile Safari/537.36 GoogleApp/12.4.9.23.arm
mobile | Yahoo! Japan 3 | Android 13 | uaParserJs | Mozilla/5.0 (Linux; Android 13; SH-M20 Build/TKQ1.220915.002; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/132.0.6834.163 Mobile Safari/537.36 YJApp-ANDROID jp.co.yahoo.android.yjtop/3.187.0
tablet | Yahoo! Japan 4 | iOS 18 | uaParserJs | Mozilla/5.0 (iPad; CPU OS 18_1_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 YJApp-IOS jp.co.yahoo.ipn.appli/4.131.0
mobile | Yandex Browser 22 | Android 11 | isbot | Mozilla/5.0 (Linux; arm_64; Android 11; Redmi Note 9S) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/104.0.5112.124 YaApp_Android/22.95.1 YaSearchBrowser/22.95.1 BroPP/1.0 SA/3 Mobile Safari/537.36
mobile | Flipboard 4 | Android 8 | isbot | Mozilla/5.0 (Linux; Android 8.0.0; LG-LS998 Build/OPR1.170623.026; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/74.0.3729.157 Mobile Safari/537.36 Flipboard/4.2.24/4732,4.2.24.4732
mobile | QQ 6 | iOS 9 | isbot | Mozilla/5.0 (iPhone; CPU iPhone OS 9_3_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/13G35 QQ/6.5.3.410 V1_IPH_SQ_6.5.3_1_APP_A Pixel/750 Core/UIWebView NetType/2G Mem/117
tablet | Viber 11 | Android 7 | isbot | Mozilla/5.0 (Linux; Android 7.1.2; G011A Build/N2G48H; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/66.0.3359.158 Safari/537.36 Viber/11.9.5.8
# Views inside apps that do not name themselves.
mobile | Android WebView 77 | Android 9 | isbot | Mozilla/5.0 (Linux; Android 9; Pixel Build/PQ3A.190801.002; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/77.0.3865.73 Mobile Safari/537.36 WebViewApp ExampleApp/1
mobile | Safari (in-app) (unknown) | iOS 12 | isbot | Mozilla/5.0 (iPhone; CPU iPhone OS 12_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 WebViewApp ExampleApp/1 iPhone11,8
# The frozen version of iOS 26 in an app that states none.
mobile | Safari (in-app) (unknown) | iOS (unknown) | webkit26 | Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148
# Televisions, consoles, headsets and cars
tv | Chrome 34 | Android 4 | amazonTv | Mozilla/5.0 (Linux; Android 4.2.2; AFTM Build/JDQ39) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/34.0.0.0 Mobile Safari/537.36 cordova-amazon-fireos/3.4.0 AmazonWebAppPlatform/3.4.0;2.0
tv | Chrome 41 | Android 5 | isbot | Mozilla/5.0 (Linux; Android 5.1; AFTS Build/LMY47O) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/41.99900.2250.0242 Safari/537.36
tv | Chrome 119 | Android 9 | uaParserJs | Mozilla/5.0 (Linux; Android 9; BRAVIA 4K VH2 Build/PTT1.190515.001.S104) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36
tv | Chrome 31 | (unknown) | isbot | Mozilla/5.0 (CrKey armv7l 1.5.16041) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/31.0.1650.0 Safari/537.36
tv | Samsung Internet 3 | Tizen 6 | samsungTv | Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/3.0 TV Safari/537.36
tv | LG Browser 94 | webOS | lg | Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/94.0.4606.128 Safari/537.36 WebAppManager
tv | LG Browser 7 | webOS | whichBrowser | LG Browser/7.00.00, webOS.TV-2014/02.00.14 (LG, WEBOS1, wired)
tv | Safari 5 | Linux | whichBrowser | Mozilla/5.0 (DirectFB; Linux armv7l) AppleWebKit/534.26+ (KHTML, like Gecko) Version/5.0 Safari/534.26+ HbbTV/1.1.1 ( ;LGE ;NetCast 3.0 ;1.0 ;1.0M ;)
tv | Safari (unknown) | Linux | fnando | Mozilla/5.0 (SmartHub; SMART-TV; U; Linux/SmartTV) AppleWebKit/531.2+ (KHTML, like Gecko) WebBrowser/1.0 SmartTV Safari/531.2+
tv | Opera 36 | Linux | isbot | Mozilla/5.0 (Linux armv7l) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/49.0.2623.112 Safari/537.36 OPR/36.0.2128.0 OMI/4.8.0.129.ALISHAN6.19 VIZIO-DTV/V7.20.8 (Vizio, D32f-E1, wireless)
tv | Chrome 85 | Android 9 | uaParserJs | Mozilla/5.0 (Linux; Android 9; PortalTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/85.0.4183.120 Mobile Safari/537.36
console | PlayStation (unknown) | PlayStation 5 | uaParserJs | Mozilla/5.0 (PlayStation; PlayStation 5/2.26) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15
console | PlayStation (unknown) | PlayStation 4 | isbot | Mozilla/5.0 (PlayStation 4 5.55) AppleWebKit/601.2 (KHTML, like Gecko)
console | PlayStation (unknown) | PlayStation Vita | isbot | Mozilla/5.0 (PlayStation Vita 3.61) AppleWebKit/537.73 (KHTML, like Gecko) Silk/3.2
console | Edge 18 | Xbox One | isbot | Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox One) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/70.0.3538.102 Safari/537.36 Edge/18.18363
console | Internet Explorer 10 | Xbox One | fnando | Mozilla/5.0 (Compatible; MSIE 10.0; Windows NT 6.2; Trident /6.0; Xbox; Xbox One)
console | Nintendo 5 | Nintendo Switch | uaParserJs | Mozilla/5.0 (Nintendo Switch; WifiWebAuthApplet) AppleWebKit/609.4 (KHTML, like Gecko) NF/6.0.2.20.5 NintendoBrowser/5.1.0.22474
console | Nintendo 4 | Nintendo WiiU | isbot | Mozilla/5.0 (Nintendo WiiU) AppleWebKit/536.30 (KHTML, like Gecko) NX/3.0.4.2.12 NintendoBrowser/4.3.1.11264.US
console | Nintendo 1 | Nintendo 3DS | whichBrowser | Mozilla/5.0 (New Nintendo 3DS like iPhone) AppleWebKit/536.30 (KHTML, like Gecko) NX/3.0.0.5.10 Mobile NintendoBrowser/1.1.9996.EU
headset | Meta Quest Browser 39 | Android (unknown) | meta | Mozilla/5.0 (X11; Linux x86_64; Quest 3) AppleWebKit/537.36 (KHTML, like Gecko) OculusBrowser/39.2.0.0.56.754450099 Chrome/136.0.7103.177 VR Safari/537.36
headset | Meta Quest Browser 15 | Android 10 | uaParserJs | Mozilla/5.0 (Linux; Android 10; Quest 2) AppleWebKit/537.36 (KHTML, like Gecko) OculusBrowser/15.0.0.0.22.280317669 SamsungBrowser/4.0 Chrome/89.0.4389.90 VR Safari/537.36
headset | Meta Quest Browser 4 | Android 7 | whichBrowser | Mozilla/5.0 (Linux; Android 7.1.2; Pacific Build/N2G48H) AppleWebKit/537.36 (KHTML, like Gecko) OculusBrowser/4.6.0.114370170 SamsungBrowser/4.0 Chrome/61.0.3163.141 Mobile VR Safari/537.36
headset | Pico Browser 3 | Android (unknown) | uaParserJs | Mozilla/5.0 (X11; Linux x86_64; PICO 4 OS5.8.2 like Quest) AppleWebKit/537.36 (KHTML, like Gecko) PicoBrowser/3.3.38 Chrome/105.0.5195.68 VR Safari/537.36
car | Tesla 2020 | Linux | isbot | Mozilla/5.0 (X11; GNU/Linux) AppleWebKit/537.36 (KHTML, like Gecko) Chromium/79.0.3945.130 Chrome/79.0.3945.130 Safari/537.36 Tesla/2020.12.1-299292ad7782
car | Tesla (unknown) | Linux | isbot | Mozilla/5.0 (X11; GNU/Linux) AppleWebKit/601.1 (KHTML, like Gecko) Tesla QtCarBrowser Safari/601.1
car | Android WebView 74 | Android 10 | uaParserJs | Mozilla/5.0 (Linux; Android 10; DiLink3.0 For BYD AUTO Build/QKQ1.200816.002; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/74.0.3729.186 Safari/537.36
car | Amazon Silk 124 | Android 9 | uaParserJs | Mozilla/5.0 (Linux; Android 9; AFTLFT962X3) AppleWebKit/537.36 (KHTML, like Gecko) Silk/124.5.2 like Chrome/124.0.6367.248 Safari/537.36
# A phone that is called Tesla is no car.
mobile | Chrome 75 | Android 7 | isbot | Mozilla/5.0 (Linux; Android 7.0; Tesla_SP6.3) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/75.0.3770.143 Mobile Safari/537.36
`

interface Row {
  device: string
  browser: string
  os: string
  source: string
  userAgent: string
}

const rows = corpus
  .split('\n')
  .filter(line => line !== '' && !line.startsWith('#'))
  .map((line): Row => {
    const [device = '', browser = '', os = '', source = '', ...userAgent] = line.split(' | ')
    return { device, browser, os, source, userAgent: userAgent.join(' | ') }
  })

it('parseUserAgent: the corpus of people has 150 user agents, each once and with a source', () => {
  expect(new Set(rows.map(({ userAgent }) => userAgent)).size).toBe(rows.length)
  expect(rows.length).toBeGreaterThanOrEqual(150)
  expect(rows.filter(({ source }) => !Object.hasOwn(sources, source))).toEqual([])
})

it.each(rows)('parseUserAgent: $userAgent is $device, $browser, $os', row => {
  const { device, browserVersion, osVersion, bot, browser, os } = parseUserAgent(row.userAgent)
  expect([device, browserVersion, osVersion, bot]).toEqual([
    row.device,
    row.browser,
    row.os,
    undefined,
  ])
  expect(row.browser.startsWith(browser) && row.os.startsWith(os)).toBe(true)
})
