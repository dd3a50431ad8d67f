import { createTidemark } from '@tidemark/server'

const key = process.env['READ_KEY']

const tidemark = createTidemark({
  storage: { dataDir: './data' },
  sites: ['my-site'],
  goals: [
    { name: 'Signed up', event: 'sign_up' },
    { name: 'Read the docs', path: '/docs/**' },
  ],
  access: {
    // Anyone may send; reading requires the key.
    authorize: (request, _site, scope) =>
      scope === 'write' ||
      (key !== undefined && request.headers.get('Authorization') === `Bearer ${key}`),
  },
})

const { url } = await tidemark.listen({ port: Number(process.env['PORT'] ?? 8080) })
console.log(`Listening on ${url}`)

process.once('SIGTERM', () => void tidemark.close())
