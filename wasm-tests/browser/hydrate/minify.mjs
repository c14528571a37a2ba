// Makes "heal.min.js" of "heal.js": the script that the engine puts into hydrated pages.
//
//     node hydrate/minify.mjs

import { transform } from 'esbuild';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const place = (name) => new URL(`../../../src/engine/src/rewrite/${name}`, import.meta.url);

/** The script as it is committed. */
export const committedHeal = () => readFile(place('heal.min.js'), 'utf8');

/** The script as it has to be. */
export async function minifiedHeal() {
  const source = await readFile(place('heal.js'), 'utf8');
  const { code } = await transform(source, { minify: true, target: 'es2022' });
  return code.trimEnd();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(place('heal.min.js'), await minifiedHeal());
}
