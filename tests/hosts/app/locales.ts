import { ar } from '@tidemark/widgets/locales/ar'
import { de } from '@tidemark/widgets/locales/de'
import { en } from '@tidemark/widgets/locales/en'
import { es } from '@tidemark/widgets/locales/es'
import { fr } from '@tidemark/widgets/locales/fr'
import { ja } from '@tidemark/widgets/locales/ja'

/** Every language of the kit. */
export const messages = [ar, de, en, es, fr, ja]
