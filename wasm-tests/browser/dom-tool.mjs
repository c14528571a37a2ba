// Judges an engine at hand and prints what differs from Chromium, each case made small first.
// `node dom-tool.mjs --help` tells how.

import { parseArgs } from 'node:util';
import { launch } from './support/browser.mjs';
import { KINDS, makeDocument } from './support/documents.mjs';
import { Program } from './support/engines.mjs';
import { openJudge } from './support/judge.mjs';
import { compareOutlines } from './support/outlines.mjs';

const HELP = `node dom-tool.mjs --outline --engine PATH [--kind KIND]... [--from SEED] [--count N] [--shrink N]
  --outline      compare the engine's outline of each page with Chromium's tree
  --engine PATH  a program that answers each line {"html"} with a line {"outline", "unsure"}
  --kind KIND    ${KINDS.join(' | ')}; all of them if none is named
  --from SEED    the first seed, 1 by default
  --count N      pages of each kind, 1000 by default
  --shrink N     differences to make small and print, 20 of each kind by default
  --html TEXT    only this page`;

const { values: options } = parseArgs({
  options: {
    outline: { type: 'boolean' },
    engine: { type: 'string' },
    kind: { type: 'string', multiple: true, default: KINDS },
    from: { type: 'string', default: '1' },
    count: { type: 'string', default: '1000' },
    shrink: { type: 'string', default: '20' },
    html: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (options.help || !options.outline || !options.engine) {
  console.log(HELP);
  process.exit(options.help ? 0 : 2);
}

const engine = new Program(options.engine);
const browser = await launch();
const judge = await openJudge(browser);
let different = 0;
for (const kind of options.html === undefined ? options.kind : ['page']) {
  const seeds = Array.from({ length: Number(options.count) }, (_, at) => Number(options.from) + at);
  const pages =
    options.html === undefined
      ? seeds.map((seed) => makeDocument(seed, kind.toLowerCase()).html)
      : [options.html];
  different += await compareOutlines({
    ...{ kind, pages, engine, judge, most: Number(options.shrink), print: console.log },
  });
}
engine.stop();
await browser.close();
process.exit(different > 0 ? 1 : 0);
