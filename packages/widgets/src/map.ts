export { default as VisitorsMap } from './VisitorsMap/VisitorsMap.vue'
export { type CountryVisitors, type MapRow } from './VisitorsMap/country-rows.ts'
