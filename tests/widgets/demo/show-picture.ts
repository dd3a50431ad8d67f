import '@tidemark/widgets/style.css'
import { TidemarkPlugin } from '@tidemark/widgets'
import { type Component, createApp } from 'vue'
import { useFakeServer } from '../examples/testing/fake-server.ts'
import { createDemoServer } from './demo-server.ts'
import { pictures } from './pictures.ts'

// Shows the example of a picture with the data of the demo server: `?picture=TopList`. `scripts/widget-pictures.ts`
// photographs it.

const examples = import.meta.glob<Component>('../examples/**/*.vue', { import: 'default' })

const name = new URLSearchParams(location.search).get('picture') ?? ''
const picture = pictures[name]
const container = document.querySelector<HTMLElement>('#picture')

if (picture && container) {
  const server = createDemoServer(() => Date.now())
  globalThis.fetch = server
  useFakeServer(server)
  container.style.inlineSize = `${picture.width}px`
  if (picture.height) container.style.blockSize = `${picture.height}px`
  container.dataset['click'] = picture.click ?? ''
  const load = examples[`../examples/${picture.example}.vue`]
  const site = { baseUrl: 'https://stats.example.com/api', siteId: 'my-site' }
  if (load)
    createApp(await load())
      .use(TidemarkPlugin, site)
      .mount(container)
} else if (container) {
  container.innerHTML = Object.keys(pictures)
    .map(each => `<a href="?picture=${each}">${each}</a>`)
    .join('')
}
