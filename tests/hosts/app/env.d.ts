// Without the types of Vite, so that the kit's style sheet needs types of its own.
declare module '*/tailwind.css'

/** The gallery with `components` instead of `<script setup>`, which the test writes. */
declare module '*/OptionsGallery.vue' {
  import type { Component } from 'vue'

  const component: Component
  export default component
}
