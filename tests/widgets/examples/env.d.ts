// Types for style sheet imports, as in an app built with Vite.
/// <reference types="vite/client" />
