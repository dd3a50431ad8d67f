import '@tidemark/widgets/style.css'
import { createPinia } from 'pinia'
import { createSSRApp } from 'vue'
import Gallery from './Gallery.vue'

const app = createSSRApp(Gallery).use(createPinia())
// The test measures the server's markup first.
addEventListener('hydrate', () => app.mount('#app'), { once: true })
