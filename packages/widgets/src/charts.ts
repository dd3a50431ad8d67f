export { default as ChartBody } from './charts/ChartBody.vue'
