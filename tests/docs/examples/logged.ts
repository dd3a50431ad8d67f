import { createTidemark } from '@tidemark/server'
import { pino } from 'pino'

const logger = pino({ name: 'analytics' })
const tidemark = createTidemark({ sites: ['my-site'], log: { logger } })

const { url } = await tidemark.listen({ port: Number(process.env['PORT'] ?? 8080) })
console.log(`Listening on ${url}`)

process.once('SIGTERM', () => void tidemark.close())
