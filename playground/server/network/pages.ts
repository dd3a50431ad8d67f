import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono, type MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { trimTrailingSlash } from 'hono/trailing-slash'
import { isShopPath } from '../../shop/routes.ts'

const self = ["'self'"]

/** The strictest useful policy. The tracker and the widgets work under it. */
const contentSecurityPolicy = {
  defaultSrc: ["'none'"],
  scriptSrc: self,
  styleSrc: self,
  imgSrc: self,
  connectSrc: self,
  formAction: self,
  frameAncestors: ["'none'"],
  baseUri: ["'none'"],
}

/** Serves the playground's pages from `folder`, the output of the Vite build. */
export function createPages(folder: string): Hono {
  const app = new Hono()
  app.use(
    secureHeaders({
      contentSecurityPolicy,
      // The playground has no TLS.
      strictTransportSecurity: false,
      // Referrer statistics need the origin of the linking site.
      referrerPolicy: 'strict-origin-when-cross-origin',
    }),
  )
  if (!existsSync(join(folder, 'index.html'))) {
    return app.all('*', c => c.text('The pages have not been built. Run `pnpm build:demo`.\n', 503))
  }

  // Redirects `/dashboard/` to `/dashboard`.
  app.use(trimTrailingSlash())
  const page = (path: string): MiddlewareHandler => serveStatic({ path: join(folder, path) })
  const shop = page('index.html')

  app.use(async (c, next) => {
    await next()
    // Asset names contain a content hash, so browsers may cache assets forever.
    const isAsset = c.res.ok && c.req.path.startsWith('/assets/')
    c.res.headers.set('Cache-Control', isAsset ? 'public, max-age=31536000, immutable' : 'no-cache')
  })
  app.get('/dashboard', page('dashboard/index.html'))
  app.get('/gallery', page('gallery/index.html'))
  app.get('/checkout', page('checkout/index.html'))
  app.get('/checkout/thanks', page('checkout/index.html'))
  app.get('/assets/*', serveStatic({ root: folder }))
  app.get('/:file{[a-z-]+\\.(svg|js)}', serveStatic({ root: folder }))
  // The shop routes in the browser and shows its own page for an unknown address.
  app.get('*', async (c, next) => {
    const answer = await shop(c, next)
    if (!answer || isShopPath(c.req.path)) return answer
    return new Response(answer.body, { status: 404, headers: answer.headers })
  })
  return app
}
