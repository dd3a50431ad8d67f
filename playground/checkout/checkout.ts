import '../shop/shop.css'
import { createApp } from 'vue'
import CheckoutApp from './CheckoutApp.vue'

createApp(CheckoutApp).mount('#app')
