// The demo's site with the built module in front of it, as `cargo xtask demo` would start it, on
// ports that nobody else has.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadEngine } from './engine.mjs';

const ROOT = new URL('../../../', import.meta.url);
const root = (path) => fileURLToPath(new URL(path, ROOT));
const env = process.env;

export const TOKEN = 'correct horse battery staple';
const SIGNING_KEY = 'a signing key for tests, long enough to be taken';

/** Long, because a run shares the machine with compilers; only a failure waits it out. */
export const PATIENCE_MS = 60_000;

/** The datafile that `edgewise publish` makes of a draft. */
async function published(draft) {
  const { validate } = await loadEngine();
  const { datafile, problems } = validate(draft);
  if (!datafile) throw new Error(`the draft has problems: ${JSON.stringify(problems)}`);
  return JSON.stringify({ ...datafile, revision: 3 });
}

/** With the demo's experiments, or with those of another draft. */
export async function startSite(draft) {
  const folder = await mkdtemp(join(tmpdir(), 'edgewise-browser-'));
  const children = [];
  const stop = async () => {
    for (const child of children) child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const origin = new Program(process.execPath, [root('demo/server.mjs')], { PORT: '0' });
    children.push(origin);
    const originAddress = await origin.says(/demo origin on (http:\S+)/);

    const datafile = await published(draft ?? (await readFile(root('demo/draft.json'), 'utf8')));
    await writeFile(join(folder, 'datafile.json'), datafile);
    await writeFile(join(folder, 'fastly.toml'), manifest(originAddress, folder));
    // Port 0: the system picks one that is free.
    const module = resolve(
      root('wasm-tests/'),
      env.EDGEWISE_WASM ?? '../target/wasm32-wasip1/release/edgewise-edge.wasm',
    );
    const edge = new Program(
      viceroy(),
      ['serve', '--addr', '127.0.0.1:0', '-C', join(folder, 'fastly.toml'), module],
      { RUST_LOG: 'viceroy=error,viceroy_lib=error,viceroy_lib::service=info' },
    );
    children.push(edge);
    const address = await edge.says(/Listening on (http:\S+)/);
    return { address, originAddress, datafile, edge, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function viceroy() {
  if (env.VICEROY) return env.VICEROY;
  const caches = env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const cache = env.EDGEWISE_CACHE ?? join(caches, 'edgewise');
  return join(cache, 'tools/viceroy-0.22.0/bin/viceroy');
}

function manifest(origin, folder) {
  const hash = createHash('sha256').update(TOKEN).digest('hex');
  return `manifest_version = 3
name = "site"
language = "rust"

[local_server.backends.origin]
url = "${origin}"

[[local_server.kv_stores.edgewise]]
key = "datafile"
file = '${join(folder, 'datafile.json')}'

# This runtime's clock for processor time runs on while others use the processor.
[local_server.config_stores.edgewise]
format = "inline-toml"

[local_server.config_stores.edgewise.contents]
cpu-budget-ms = "10000"

[[local_server.secret_stores.edgewise]]
key = "access-tokens"
data = "${hash} admin tests"

[[local_server.secret_stores.edgewise]]
key = "signing-key"
data = "${SIGNING_KEY}"
`;
}

/** A process whose words are kept. */
class Program {
  #child;
  #words = '';
  #listeners = new Set();

  constructor(command, args, more) {
    this.#child = spawn(command, args, {
      env: { ...env, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const hear = (words) => {
      this.#words += words;
      for (const listener of this.#listeners) listener();
    };
    this.#child.stdout.on('data', hear);
    this.#child.stderr.on('data', hear);
    this.#child.on('error', (error) => hear(`${command}: ${error.message}\n`));
    this.#child.on('exit', (code) => hear(`${command} ended with ${code}\n`));
  }

  /** Waits for words, and gives their first group. */
  async says(pattern) {
    const [, group] = await this.#waitFor(() => pattern.exec(this.#words), String(pattern));
    return group;
  }

  /** Waits until a log line is there that passes the test, and gives all of them. */
  logs(test) {
    return this.#waitFor(() => {
      const lines = this.log();
      return lines.some(test) && lines;
    }, 'a log line');
  }

  /** Every line of the log so far. */
  log() {
    const lines = this.#words.split('\n').slice(0, -1);
    const own = lines.filter((line) => line.startsWith('edgewise :: '));
    return own.map((line) => JSON.parse(line.slice('edgewise :: '.length)));
  }

  kill(signal) {
    this.#child.kill(signal);
  }

  #waitFor(find, what) {
    return new Promise((resolve, reject) => {
      const settle = (outcome) => {
        clearTimeout(timer);
        this.#listeners.delete(look);
        outcome();
      };
      const timer = setTimeout(() => {
        settle(() => reject(new Error(`no ${what} in:\n${this.#words}`)));
      }, PATIENCE_MS);
      const look = () => {
        const found = find();
        if (found) settle(() => resolve(found));
      };
      this.#listeners.add(look);
      look();
    });
  }
}
