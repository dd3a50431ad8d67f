export { default as BarChart } from './charts/BarChart.vue'
export { default as LineChart } from './charts/LineChart.vue'
export { default as TimeSeriesChart } from './charts/TimeSeriesChart.vue'
export { type YKey } from './charts/rows-chart-props.ts'
