import '@tidemark/widgets/style.css'
import './gallery.css'
import { useTidemarkStore } from '@tidemark/widgets'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import GalleryApp from './GalleryApp.vue'
import { scriptedFetch } from './scripted-fetch.ts'
import { createScriptedClient } from './scripted-client.ts'

// `?now=2026-11-22T12:00` stops the clock, for pictures that are equal in each run.
const fixedTime = Date.parse(new URLSearchParams(location.search).get('now') ?? '')
if (!Number.isNaN(fixedTime)) Date.now = () => fixedTime

const pinia = createPinia()
useTidemarkStore(pinia).registry.setClientFactory(createScriptedClient)
globalThis.fetch = scriptedFetch

createApp(GalleryApp).use(pinia).mount('#app')
