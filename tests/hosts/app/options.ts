import '@tidemark/widgets/style.css'
import { createApp } from 'vue'
import OptionsGallery from './OptionsGallery.vue'

createApp(OptionsGallery).mount('#app')
