// The two frameworks with files of their own kind, each read by its own compiler.

import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { compile } from 'svelte/compiler';
import { compileScript, parse } from 'vue/compiler-sfc';

/** Gives `*.vue` to Vue's compiler. */
export function vueFiles({ platform, flavour }) {
  return filesOf(/\.vue$/, (source, filename) => {
    const { descriptor, errors } = parse(source, { filename });
    if (errors.length > 0) throw errors[0];
    const ssr = platform === 'node';
    return compileScript(descriptor, {
      id: basename(filename),
      inlineTemplate: true,
      isProd: flavour === 'production',
      templateOptions: { ssr, ssrCssVars: [] },
    }).content;
  });
}

/** Gives `*.svelte` to Svelte's compiler. */
export function svelteFiles({ platform, flavour }) {
  return filesOf(/\.svelte$/, (source, filename) => {
    const generate = platform === 'node' ? 'server' : 'client';
    return compile(source, { filename, generate, dev: flavour === 'development' }).js.code;
  });
}

function filesOf(filter, compileFile) {
  return {
    name: String(filter),
    setup(build) {
      build.onLoad({ filter }, async ({ path }) => ({
        contents: compileFile(await readFile(path, 'utf8'), path),
        loader: 'js',
      }));
    },
  };
}
