/** Names of each dimension of history, with their weights. */
export const namesByDimension: ReadonlyMap<string, Readonly<Record<string, number>>> = new Map(
  Object.entries({
    path: {
      ...{ '/boots': 31, '/': 24, '/jackets/alpine-shell': 15, '/sale': 12, '/checkout': 8 },
      ...{ '/blog/winter-guide': 6, '/stores': 4, '/size-guide': 3, '/returns': 2, '/jobs': 1 },
    },
    entryPage: {
      ...{ '/': 38, '/boots': 27, '/sale': 18, '/blog/winter-guide': 12, '/stores': 4 },
      ...{ '/jackets/alpine-shell': 3, '/size-guide': 2, '(none)': 1 },
    },
    exitPage: {
      ...{ '/checkout': 26, '/boots': 24, '/': 21, '/sale': 14, '/stores': 6 },
      ...{ '/size-guide': 4, '/returns': 2, '(none)': 1 },
    },
    notFound: { '/boots-2024': 9, '/wp-login.php': 5, '/catalog': 3 },
    hostName: { 'shop.example': 92, 'm.shop.example': 6, '(other host)': 2 },
    channel: {
      ...{ Search: 36, Direct: 34, Social: 14, Email: 9, Paid: 8, Referral: 5, AI: 4 },
      ...{ Internal: 3, '(unknown)': 1 },
    },
    referrer: {
      ...{ '(direct)': 34, 'google.com': 30, 'reddit.com': 14, 'bing.com': 6 },
      ...{ 'instagram.com': 5, 'chatgpt.com': 4, 'smallboats.example': 2 },
    },
    referringPage: {
      ...{ '(none)': 40, 'reddit.com/r/hiking': 11, 'smallboats.example/gear': 6 },
      ...{ 'news.example/2026/winter-boots': 4, 'android-app://com.slack': 2 },
    },
    campaign: { 'winter-sale': 60, newsletter: 40 },
    medium: { email: 44, cpc: 33, social: 16, affiliate: 7 },
    term: { 'winter boots': 21, 'hiking boots': 13, 'rain jacket': 6 },
    content: { 'banner-top': 12, 'text-link': 9, footer: 4 },
    clickId: { gclid: 24, fbclid: 17, msclkid: 5, ttclid: 2 },
    country: {
      ...{ DE: 33, US: 24, FR: 13, JP: 9, BR: 8, GB: 6, IN: 5, SG: 4, CA: 3, ES: 3, IT: 2, AU: 2 },
      ...{ MX: 1, PL: 0.5, SE: 0.3, ZA: 0.2, AR: 0.1, NZ: 0.04, EG: 0.02, KE: 0.01 },
    },
    region: {
      ...{ 'Bavaria, DE': 14, 'California, US': 11, 'Berlin, DE': 9, 'Île-de-France, FR': 8 },
      ...{ 'Tokyo, JP': 7, 'São Paulo, BR': 5, 'England, GB': 5, '(unknown)': 3 },
    },
    city: {
      ...{ 'Munich, Bavaria, DE': 11, 'Berlin, Berlin, DE': 9, 'Paris, Île-de-France, FR': 7 },
      ...{ 'Tokyo, Tokyo, JP': 6, 'San Francisco, California, US': 5, '(unknown)': 4 },
    },
    device: { mobile: 55, desktop: 40, tablet: 5 },
    browser: { Chrome: 52, Safari: 31, Firefox: 11, Edge: 6 },
    browserVersion: { 'Chrome 142': 41, 'Safari 26': 28, 'Chrome 141': 11, 'Firefox 145': 10 },
    os: { Android: 34, iOS: 27, Windows: 24, macOS: 15 },
    osVersion: {
      ...{ 'iOS 26': 21, 'Android 16': 18, 'Windows 11': 17, 'Android 15': 12 },
      ...{ 'macOS (unknown)': 12, 'Windows (unknown)': 7 },
    },
    screen: { '0-575': 51, '1400-1919': 22, '1920+': 14, '1200-1399': 7, '768-991': 4 },
    language: { de: 36, en: 31, fr: 13, ja: 9, pt: 8, es: 3 },
    name: { page_view: 78, add_to_cart: 12, site_search: 5, sign_up: 3, outbound: 1, download: 1 },
    goal: { 'Added to cart': 70, 'Order placed': 20, 'Signed up': 10 },
    search: { 'hiking boots': 14, 'size guide': 9, gloves: 6, 'gift card': 3 },
    outbound: { 'https://maps.example/stores': 14, 'https://careers.example': 4 },
    download: { 'https://shop.example/size-guide.pdf': 12, 'https://shop.example/care.pdf': 5 },
    form: { newsletter: 21, contact: 6 },
    bot: {
      ...{ Googlebot: 48, bingbot: 17, GPTBot: 14, AhrefsBot: 9, curl: 4 },
      ...{ 'Automated browser': 3, '(unknown)': 2 },
    },
  }),
)

/** Properties of the events `purchase` and `add_to_cart`, by event and property. */
const propertyNames: ReadonlyMap<string, Readonly<Record<string, number>>> = new Map(
  Object.entries({
    '': { add_to_cart: 62, purchase: 21, sign_up: 9 },
    purchase: { plan: 21, currency: 21, items: 20 },
    'purchase:plan': { pro: 12, free: 6, team: 3 },
    'purchase:currency': { EUR: 13, USD: 8 },
  }),
)

/** Returns the names of a property query, with their weights: events, properties of one, or values of one. */
export function namesOfProperty(
  name: string | null,
  property: string | null,
): Readonly<Record<string, number>> {
  const key = [name, property].filter(part => part !== null).join(':')
  return propertyNames.get(key) ?? { small: 5, large: 3 }
}
