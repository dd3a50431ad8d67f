import { fileURLToPath } from 'node:url'
import { type Answer, type Tracker, json } from './tracker.ts'

/** The compared trackers. A second configuration follows where a documented option changes the results. */

const sdkFolder = fileURLToPath(new URL('../../packages/sdk/', import.meta.url))

function tidemark(name: string, configuration: string, persists: boolean): Tracker {
  return {
    name,
    source: '`tidemark.js`, as built',
    configuration,
    nameKey: 'name',
    script: {
      kind: 'tag',
      path: `${sdkFolder}dist/tidemark.js`,
      attributes: url => ({
        'data-site': 'shop',
        'data-api': `${url}/api`,
        ...(persists && { 'data-persist': '' }),
      }),
      call: 'tidemark.track(name)',
    },
    answer: json({ accepted: 1, rejected: [] }, 202),
  }
}

function snowplow(name: string, configuration: string, options: string): Tracker {
  return {
    name,
    packageName: '@snowplow/browser-tracker',
    source: '`newTracker`, `trackPageView` and `trackStructEvent`',
    configuration,
    nameKey: 'se_ac',
    script: {
      kind: 'module',
      entry: `import { newTracker, trackPageView, trackStructEvent } from '@snowplow/browser-tracker'
        newTracker('sp', collector, { appId: 'shop'${options} })
        trackPageView()
        globalThis.trackEvent = action => trackStructEvent({ category: 'shop', action })`,
    },
    answer: { body: 'ok', type: 'text/plain' },
  }
}

function posthog(name: string, configuration: string, options: string): Tracker {
  return {
    name,
    packageName: 'posthog-js',
    source: 'the default export',
    configuration,
    nameKey: 'event',
    script: {
      kind: 'module',
      entry: `import posthog from 'posthog-js'
        posthog.init('phc_shop', { api_host: collector, defaults: '2026-08-30'${options} })
        globalThis.trackEvent = name => posthog.capture(name)`,
    },
    answer: toPosthogAnswer,
  }
}

/** The answers for a project in which no optional product is switched on. */
function toPosthogAnswer({ pathname }: URL): Answer {
  if (pathname.endsWith('/config.js')) return { status: 404 }
  if (pathname.endsWith('/config'))
    return json({ supportedCompression: ['gzip', 'gzip-js'], hasFeatureFlags: false })
  if (pathname.startsWith('/flags')) return json({ flags: {}, errorsWhileComputingFlags: false })
  return json({ status: 1 })
}

export const trackers: readonly Tracker[] = [
  tidemark('Tidemark', 'none', false),
  tidemark('Tidemark, persistent', '`data-persist`', true),
  {
    name: 'Plausible',
    packageName: '@plausible-analytics/tracker',
    source: '`init` and `track`',
    configuration: 'none',
    nameKey: 'n',
    script: {
      kind: 'module',
      entry: `import { init, track } from '@plausible-analytics/tracker'
        init({ domain: 'shop.example', endpoint: collector + '/api/event' })
        globalThis.trackEvent = name => track(name, {})`,
    },
    answer: { status: 202, body: 'ok', type: 'text/plain' },
  },
  {
    name: 'Umami',
    packageName: 'umami',
    source: '`src/tracker/index.js`, minified',
    configuration: 'none',
    nameKey: 'name',
    script: {
      kind: 'tag',
      path: 'node_modules/umami/src/tracker/index.js',
      isSource: true,
      attributes: url => ({
        'data-website-id': '94db1cb1-74f4-4a40-ad6c-962362670409',
        'data-host-url': url,
      }),
      call: 'umami.track(name)',
    },
    answer: { body: 'eyJhbGciOiJIUzI1NiJ9.e30.c2hvcA', type: 'text/plain' },
  },
  snowplow('Snowplow', 'none', ''),
  snowplow('Snowplow, `keepalive`', '`keepalive: true`', ', keepalive: true'),
  posthog('PostHog', "`defaults: '2026-08-30'`", ''),
  posthog(
    'PostHog, unbatched',
    "`defaults: '2026-08-30'`, `request_batching: false`",
    ', request_batching: false',
  ),
  {
    name: 'Countly',
    packageName: 'countly-sdk-web',
    source: 'the package, with `track_sessions` and `track_pageview`',
    configuration: 'none',
    nameKey: 'key',
    script: {
      kind: 'module',
      entry: `import Countly from 'countly-sdk-web'
        Countly.init({ app_key: 'shop', url: collector })
        Countly.track_sessions()
        Countly.track_pageview()
        globalThis.trackEvent = key => Countly.add_event({ key })`,
    },
    answer: json({ result: 'Success' }),
  },
  {
    name: 'Mixpanel',
    packageName: 'mixpanel-browser',
    source: 'the default export',
    configuration: '`track_pageview: true`',
    nameKey: 'event',
    script: {
      kind: 'module',
      entry: `import mixpanel from 'mixpanel-browser'
        mixpanel.init('shop', { api_host: collector, track_pageview: true })
        globalThis.trackEvent = name => mixpanel.track(name)`,
    },
    answer: json({ status: 1, error: null }),
  },
  {
    name: 'Amplitude',
    packageName: '@amplitude/analytics-browser',
    source: '`init` and `track`',
    configuration: 'remote configuration off',
    nameKey: 'event_type',
    script: {
      kind: 'module',
      entry: `import { init, track } from '@amplitude/analytics-browser'
        init('shop', { serverUrl: collector + '/2/httpapi', remoteConfig: { fetchRemoteConfig: false } })
        globalThis.trackEvent = name => track(name)`,
    },
    answer: json({ code: 200 }),
  },
  {
    name: 'OpenPanel',
    packageName: '@openpanel/web',
    source: 'the class `OpenPanel`',
    configuration: '`trackScreenViews: true`',
    nameKey: 'name',
    script: {
      kind: 'module',
      entry: `import { OpenPanel } from '@openpanel/web'
        const op = new OpenPanel({ clientId: 'shop', apiUrl: collector, trackScreenViews: true })
        globalThis.trackEvent = name => op.track(name)`,
    },
    answer: json({ deviceId: 'a', sessionId: 'b' }),
  },
]
