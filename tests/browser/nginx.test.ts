import { describe } from 'vitest'
import { openChromium } from './browsers.ts'
import { describeThroughNginx } from './through-nginx.ts'

describe('the dashboard in Chromium', () => {
  describeThroughNginx(openChromium)
})
