import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono, type MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { trimTrailingSlash } from 'hono/trailing-slash'
import { isShopPath } from '../../shop/routes.ts'

const self = ["'self'"]

/** As strict as a site can be: the tracker and the widgets need nothing more. */
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

/** The pages of the playground, as Vite has built them into `folder`. */
export function createPages(folder: string): Hono {
  const app = new Hono()
  app.use(
    secureHeaders({
      contentSecurityPolicy,
      // There is no TLS here to be strict about.
      strictTransportSecurity: false,
      // A shop wants to know which page a visitor came from.
      referrerPolicy: 'strict-origin-when-cross-origin',
    }),
  )
  if (!existsSync(join(folder, 'index.html'))) {
    return app.all('*', c => c.text('The pages have not been built: run `pnpm build:demo`.\n', 503))
  }

  // `/dashboard/` is `/dashboard`.
  app.use(trimTrailingSlash())
  const page = (path: string): MiddlewareHandler => serveStatic({ path: join(folder, path) })
  const shop = page('index.html')

  app.use(async (c, next) => {
    await next()
    // The name of an asset changes with what is in it; everything else is asked for again.
    const isAsset = c.res.ok && c.req.path.startsWith('/assets/')
    c.res.headers.set('Cache-Control', isAsset ? 'public, max-age=31536000, immutable' : 'no-cache')
  })
  app.get('/dashboard', page('dashboard/index.html'))
  app.get('/checkout', page('checkout/index.html'))
  app.get('/checkout/thanks', page('checkout/index.html'))
  app.get('/assets/*', serveStatic({ root: folder }))
  app.get('/:file{[a-z-]+\\.(svg|js)}', serveStatic({ root: folder }))
  // The shop finds its pages by itself, and for an address that is none of them it says so.
  app.get('*', async (c, next) => {
    const answer = await shop(c, next)
    if (!answer || isShopPath(c.req.path)) return answer
    return new Response(answer.body, { status: 404, headers: answer.headers })
  })
  return app
}
