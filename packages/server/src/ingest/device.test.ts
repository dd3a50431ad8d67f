import { expect, it } from 'vitest'
import { toDevice } from './device.ts'

const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)'

it.each([
  ['desktop', `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/140.0.0.0 Safari/537.36`],
  ['desktop', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'],
  ['mobile', `Mozilla/5.0 (Linux; Android 10; K) ${webkit} Chrome/140.0.0.0 Mobile Safari/537.36`],
  [
    'mobile',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
  ],
  [
    'tablet',
    'Mozilla/5.0 (iPad; CPU OS 16_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.0 Mobile/15E148 Safari/604.1',
  ],
  ['tv', `Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.0) ${webkit} SamsungBrowser/3.0 TV Safari/537.36`],
  ['bot', 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'],
  ['other', ''],
  ['other', 'curl/8.5.0'],
  ['other', '\u0000\u202e constructor __proto__'],
])('is %s for %j', (device, agent) => {
  expect(toDevice(agent)).toBe(device)
  expect(toDevice(agent)).toBe(device)
})

it('looks at no more of an agent than any browser has', () => {
  const long = `${' '.repeat(600)}Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)`
  expect(toDevice(long)).toBe('other')
})
