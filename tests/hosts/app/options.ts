import '@tidemark/widgets/style.css'
import { TidemarkPlugin } from '@tidemark/widgets'
import { createApp } from 'vue'
import OptionsGallery from './OptionsGallery.vue'
import { config } from './config.ts'

createApp(OptionsGallery).use(TidemarkPlugin, config).mount('#app')
