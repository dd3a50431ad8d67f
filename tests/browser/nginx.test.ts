import { describe } from 'vitest'
import { openChromium } from './browsers.ts'
import { describeThroughNginx } from './dashboard-behind-nginx.ts'

describe('the dashboard in Chromium', () => {
  describeThroughNginx(openChromium)
})
