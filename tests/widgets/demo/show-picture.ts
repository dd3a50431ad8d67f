import '@tidemark/widgets/style.css'
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
  const load = examples[`../examples/${picture.example}.vue`]
  if (load) createApp(await load()).mount(container)
} else if (container) {
  container.innerHTML = Object.keys(pictures)
    .map(each => `<a href="?picture=${each}">${each}</a>`)
    .join('')
}
