// What a page that is built with Vite has: style sheets can be imported.
/// <reference types="vite/client" />
