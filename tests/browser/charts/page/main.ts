import '@tidemark/widgets/style.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import ChartPage from './ChartPage.vue'

createApp(ChartPage).use(createPinia()).mount('#app')
