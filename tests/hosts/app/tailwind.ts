import './tailwind.css'
import { TidemarkPlugin } from '@tidemark/widgets'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import Tailwind from './Tailwind.vue'
import { config } from './config.ts'

createApp(Tailwind)
  .use(createPinia())
  .use(TidemarkPlugin, { ...config, theme: '.dark' })
  .mount('#app')
