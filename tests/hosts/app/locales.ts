import { en } from '@tidemark/widgets/locales/en'

/** Every language of the kit. */
export const messages = [en]
