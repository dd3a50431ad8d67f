import { describe } from 'vitest'
import { openChromium } from './browsers.ts'
import { describeBehindNginx } from './dashboard-behind-nginx.ts'

describe('the dashboard in Chromium', () => {
  describeBehindNginx(openChromium)
})
