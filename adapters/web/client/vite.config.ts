import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Hashed files in a flat folder, nothing inlined: the page's content security policy allows only files. */
export default defineConfig({
  plugins: [react()],
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
