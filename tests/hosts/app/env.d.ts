/// <reference types="vite/client" />

/** The gallery with `components` instead of `<script setup>`, which the test writes. */
declare module '*/OptionsGallery.vue' {
  import type { Component } from 'vue'

  const component: Component
  export default component
}
