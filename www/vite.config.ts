import { defineConfig } from 'vite';

// The demo module (see the root README): it answers the API and the preview frame during development.
const module = process.env.EDGEWISE_MODULE ?? 'http://127.0.0.1:7676';

export default defineConfig({
  base: '/_edgewise/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    // The first with light-dark(), which the style sheets use as it is.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // The page's policy forbids inline scripts, data: scripts and eval: nothing may be inlined.
    assetsInlineLimit: 0,
    modulePreload: false,
    // One compressed copy of each file is embedded in the module, where every byte counts.
    reportCompressedSize: false,
  },
  server: {
    proxy: { '^/_edgewise/(api/|frame$)': module, '^/(?!_edgewise/)': module },
  },
});
