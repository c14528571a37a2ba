// Builds the applications, each for the server and for the browser, as a site would ship them and as
// a developer would run them: the latter complain about more.
//
//     node hydrate/build.mjs

import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, readdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { svelteFiles, vueFiles } from './compile.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const OUT = join(HERE, 'out');
const HALF = 'half-';

const jsx = (framework, hooks) => ({
  loader: { '.js': 'jsx' },
  jsx: 'automatic',
  jsxImportSource: framework,
  alias: { hooks },
});

/** The applications: where their sources are, and what their framework needs of the bundler. */
const APPS = {
  react: { folder: 'react', options: jsx('react', 'react') },
  'react-document': { folder: 'react-document', options: jsx('react', 'react') },
  vue: { folder: 'vue', compiler: vueFiles },
  svelte: { folder: 'svelte', compiler: svelteFiles },
  preact: { folder: 'preact', options: jsx('preact', 'preact/hooks') },
  'preact-10': {
    folder: 'preact',
    options: {
      ...jsx('preact', 'preact-10/hooks'),
      alias: { hooks: 'preact-10/hooks', preact: 'preact-10' },
    },
  },
};

export const APP_NAMES = Object.keys(APPS);
export const FLAVOURS = ['production', 'development'];

/** Where the built applications are. What is there already is used, if it was made of the same. */
export function built() {
  return (folder ??= buildOnce());
}

let folder;

async function buildOnce() {
  const digest = await digestOfSources();
  const whole = join(OUT, digest);
  if (existsSync(whole)) return whole;
  const others = await readdir(OUT).catch(() => []);
  for (const other of others) {
    if (!other.startsWith(HALF)) await rm(join(OUT, other), { recursive: true, force: true });
  }
  const half = join(OUT, `${HALF}${process.pid}`);
  await Promise.all(
    FLAVOURS.flatMap((flavour) => APP_NAMES.map((name) => buildApp(half, name, flavour))),
  );
  try {
    await rename(half, whole);
  } catch (error) {
    // Another process may have been as quick; its files are the same.
    if (!existsSync(whole)) throw error;
    await rm(half, { recursive: true, force: true });
  }
  return whole;
}

function buildApp(into, name, flavour) {
  const { folder, options, compiler } = APPS[name];
  const halves = [
    { entry: 'client', outfile: 'client.js', platform: 'browser', format: 'esm' },
    { entry: 'server', outfile: 'server.cjs', platform: 'node', format: 'cjs' },
  ];
  return Promise.all(
    halves.map(({ entry, outfile, platform, format }) =>
      build({
        entryPoints: [join(HERE, folder, entry)],
        outfile: join(into, flavour, name, outfile),
        bundle: true,
        platform,
        format,
        target: 'es2022',
        minify: flavour === 'production' && platform === 'browser',
        conditions: [flavour, 'module'],
        resolveExtensions: ['.jsx', '.js', '.mjs'],
        define: {
          'process.env.NODE_ENV': JSON.stringify(flavour),
          __VUE_OPTIONS_API__: 'true',
          __VUE_PROD_DEVTOOLS__: 'false',
          __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
        },
        plugins: compiler ? [compiler({ platform, flavour })] : [],
        logLevel: 'warning',
        ...options,
      }),
    ),
  );
}

/** Of everything that a build is made of: the sources here and the packages' lock file. */
async function digestOfSources() {
  const files = (await readdir(HERE, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(HERE, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith('out'))
    .sort();
  const hash = createHash('sha256');
  for (const path of [...files, '../package-lock.json']) {
    hash.update(`${path}\0`).update(await readFile(join(HERE, path)));
  }
  return hash.digest('hex').slice(0, 16);
}

/** The application's server half: `render(data, script)` gives the page. */
export async function loadServer(name, flavour) {
  return createRequire(import.meta.url)(join(await built(), flavour, name, 'server.cjs'));
}

export async function clientFile(name, flavour) {
  return join(await built(), flavour, name, 'client.js');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(relative(process.cwd(), await built()));
}
