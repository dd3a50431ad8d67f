import { createTidemark } from '@tidemark/server'
import { Hono } from 'hono'

const tidemark = createTidemark({ storage: { dataDir: './data' }, sites: ['my-site'] })

const app = new Hono()
app.get('/', c => c.text('My page'))
app.route('/api', tidemark.app)

const { url } = await tidemark.listen({ app, port: Number(process.env['PORT'] ?? 8080) })
console.log(`Listening on ${url}`)

process.once('SIGTERM', () => void tidemark.close())
