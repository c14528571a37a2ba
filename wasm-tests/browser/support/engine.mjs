// The built browser module, in Node.

import { readFileSync } from 'node:fs';

const FOLDER = new URL('../../../www/src/engine/', import.meta.url);

export async function loadEngine() {
  const engine = await import(new URL('edgewise_browser.js', FOLDER)).catch((cause) => {
    const sentence = 'the browser module is not built. `cargo xtask build` builds it.';
    throw new Error(sentence, { cause });
  });
  engine.initSync({ module: readFileSync(new URL('edgewise_browser_bg.wasm', FOLDER)) });
  return engine;
}
