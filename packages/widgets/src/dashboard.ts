export { default as TidemarkDashboard } from './TidemarkDashboard/TidemarkDashboard.vue'
