import { createTidemark } from '@tidemark/server'

const tidemark = createTidemark({
  sites: [
    {
      id: 'my-site',
      public: { channels: ['currentVisitors'], paths: ['/products/**'], minCount: 3 },
    },
  ],
  access: { tokens: { secret: process.env['TIDEMARK_TOKEN_SECRET'] ?? '' } },
})

const { url } = await tidemark.listen({ port: Number(process.env['PORT'] ?? 4711) })
console.log(`Listening on ${url}`)
