import '@tidemark/widgets/style.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import Dashboard from './Dashboard.vue'

createApp(Dashboard).use(createPinia()).mount('#app')
