export { errors } from './capture/errors.ts'
