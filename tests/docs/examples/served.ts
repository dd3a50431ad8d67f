import { serve } from '@hono/node-server'
import { createTidemark } from '@tidemark/server'
import { Hono } from 'hono'

const tidemark = createTidemark({ storage: { dataDir: './data' }, sites: ['my-site'] })

const app = new Hono()
app.get('/', c => c.text('My page'))
app.route('/api', tidemark.app)

const port = Number(process.env['PORT'] ?? 8080)
const server = serve(
  { fetch: app.fetch, websocket: tidemark.websocket, port, hostname: '127.0.0.1' },
  info => console.log(`Listening on http://127.0.0.1:${info.port}`),
)

process.once('SIGTERM', () => {
  server.close()
  void tidemark.close()
})
