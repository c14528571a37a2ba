// Judges the engine and prints what differs from Chromium, each case made small first.
// `node dom-tool.mjs --help` tells how.

import { parseArgs } from 'node:util';
import { launch } from './support/browser.mjs';
import { ALL_KINDS, CaseMaker, describe, judgeCases, REFUSED, Tally } from './support/cases.mjs';
import { FEATURES } from './support/changes.mjs';
import { moduleEngine, programEngine } from './support/engines.mjs';
import { openJudge } from './support/judge.mjs';
import { compareOutlines } from './support/outlines.mjs';
import { shrinkCase } from './support/shrinking.mjs';

const HELP = `node dom-tool.mjs [--engine PATH] [--kind KIND]... [--from SEED] [--count N] [--shrink N]
  --engine PATH   a program that answers each line {"html", "changes"} with a line
                  {"html", "matched": [n], "skipped": [{"change", "reason"}]}, or {"invalid": "code"};
                  the browser module if none is named
  --kind KIND     ${ALL_KINDS.join(' | ')}; all of them if none is named
  --from SEED     the first seed, 1 by default
  --count N       cases of each kind, 1000 by default
  --changes LIST  only these, with commas between: ${FEATURES.join(' ')};
  --without LIST  all but these
  --shrink N      differences of each kind to make small and print, 20 by default
  --refused CODE  make small and print what is refused for this reason, instead of differences
  --case JSON     only this case: {"html", "changes"}
  --outline       compare trees, not changes: the program answers {"html"} with {"outline", "unsure"}
  --html TEXT     only this page, with --outline`;

const BATCH = 500;
const { values: options } = parseArgs({
  options: {
    engine: { type: 'string' },
    kind: { type: 'string', multiple: true, default: ALL_KINDS },
    from: { type: 'string', default: '1' },
    count: { type: 'string', default: '1000' },
    changes: { type: 'string', default: FEATURES.join(',') },
    without: { type: 'string', default: '' },
    shrink: { type: 'string', default: '20' },
    case: { type: 'string' },
    refused: { type: 'string' },
    outline: { type: 'boolean' },
    html: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (options.help || (options.outline && !options.engine)) {
  console.log(HELP);
  process.exit(options.help ? 0 : 2);
}

const engine = options.engine ? programEngine(options.engine) : await moduleEngine();
const browser = await launch();
const judge = await openJudge(browser);
const seeds = Array.from({ length: Number(options.count) }, (_, at) => Number(options.from) + at);
const maker = new CaseMaker(judge, chosen(options));
const most = Number(options.shrink);
let different = 0;
if (options.case) different = await showCase(JSON.parse(options.case));
else if (options.html !== undefined) different = await showOutlines('page', [options.html]);
else {
  for (const kind of options.kind.map((name) => name.toLowerCase())) {
    different += options.outline
      ? await showOutlines(kind, await maker.pages(kind, seeds))
      : await showKind(kind);
  }
}
engine.stop();
await browser.close();
process.exit(different > 0 ? 1 : 0);

/** The features asked for. */
function chosen({ changes, without }) {
  const [wanted, unwanted] = [changes, without].map((list) => list.split(',').filter(Boolean));
  const unknown = [...wanted, ...unwanted].find((name) => !FEATURES.includes(name));
  if (unknown)
    throw new Error(`there is no change "${unknown}". Known are: ${FEATURES.join(', ')}.`);
  return wanted.filter((name) => !unwanted.includes(name));
}

function showOutlines(kind, pages) {
  return compareOutlines({ kind, pages, engine, judge, most, print: console.log });
}

async function showCase(one) {
  const [judged] = await judgeCases([{ kind: 'case', seed: '-', ...one }], engine, judge);
  console.log(
    `${judged.outcome} ${judged.reasons ?? ''}; meant ${judged.meant}\n${describe(judged)}`,
  );
  return judged.outcome === 'different' ? 1 : 0;
}

async function showKind(kind) {
  const tally = new Tally();
  const refusedFor = ({ outcome, reasons }) =>
    outcome === REFUSED && reasons.includes(options.refused);
  const refused = [];
  for (let start = 0; start < seeds.length; start += BATCH) {
    const cases = await maker.make(kind, seeds.slice(start, start + BATCH));
    const judged = await judgeCases(cases, engine, judge);
    tally.add(judged);
    refused.push(...judged.filter(refusedFor));
  }
  console.log(`${kind}: ${tally.summary().join('\n  ')}`);
  for (const { seed, meant, changes } of tally.miscounted.slice(0, 3)) {
    console.log(`  counted otherwise: seed ${seed}, meant ${meant}: ${JSON.stringify(changes)}`);
  }
  if (options.refused) await showSmall(refused, refusedFor);
  else await showSmall(tally.different);
  return tally.different.length;
}

/** Prints the shortest of these cases, made small; those that come down to the same only once. */
async function showSmall(cases, sought) {
  const small = new Map();
  const byLength = cases.toSorted((a, b) => a.html.length - b.html.length);
  for (const one of byLength.slice(0, most)) {
    const shrunk = await shrinkCase(one, engine, judge, sought);
    const key = JSON.stringify([shrunk.changes, shrunk.html]);
    const { number = 0 } = small.get(key) ?? {};
    small.set(key, { shrunk, number: number + 1 });
  }
  const found = [...small.values()].sort((a, b) => a.shrunk.html.length - b.shrunk.html.length);
  for (const { shrunk, number } of found) console.log(`${number} x ${describe(shrunk)}`);
}
