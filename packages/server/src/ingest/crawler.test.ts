import { expect, it } from 'vitest'
import { parseSenderUserAgent } from './crawler.ts'

it.each([
  ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', true],
  [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/140.0.0.0 Safari/537.36',
    true,
  ],
  ['Googlebot/2.1 (+http://www.google.com/bot.html)', true],
  ['curl/8.5.0', false],
  ['python-requests/2.32', false],
  ['node', false],
  ['', false],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
    false,
  ],
])('parseSenderUserAgent: %s is a bot: %j', (userAgent, isBot) => {
  expect(parseSenderUserAgent(userAgent).isBot).toBe(isBot)
})
