import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { sign } from 'hono/jwt'

const secret = process.env['TIDEMARK_TOKEN_SECRET'] ?? ''

const app = new Hono()
app.get('/token', async c => {
  // Check the session of the user here, and name the user's sites.
  const exp = Math.floor(Date.now() / 1000) + 15 * 60
  const claims = { aud: 'tidemark', site: ['my-site'], scope: 'read', exp }
  return c.text(await sign(claims, secret, 'HS256'), 200, { 'Cache-Control': 'no-store' })
})

const port = Number(process.env['PORT'] ?? 8080)
serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, info =>
  console.log(`Listening on http://127.0.0.1:${info.port}`),
)
