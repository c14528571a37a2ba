// A browser's DOM is the judge of what a change should do: the page that the engine rewrote has to
// come out as the original does after the same changes by DOM calls. Where the engine is not sure, it
// may refuse, but then it says why. `node dom-tool.mjs --help` tells how to look closer.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from './support/browser.mjs';
import { CaseMaker, describe, judgeCases, Tally } from './support/cases.mjs';
import { FEATURES } from './support/changes.mjs';
import * as documents from './support/documents.mjs';
import { moduleEngine } from './support/engines.mjs';
import { openJudge } from './support/judge.mjs';
import { REAL, REAL_MINIFIED } from './support/pages.mjs';
import { shrinkCase } from './support/shrinking.mjs';

/** Takes a longer look, DOM_CASES times as long. */
const TIMES = Number(process.env.DOM_CASES ?? 1);
const BATCH = 500;

/** How many pages of each kind are changed, and which share of the changes may be refused at most. */
const KINDS = [
  { kind: documents.WELL_FORMED, number: 3000, mostRefused: 0.5 },
  { kind: documents.MINIFIED, number: 3000, mostRefused: 0.55 },
  { kind: documents.LEFT_OUT, number: 2000, mostRefused: 0.5 },
  { kind: documents.BROKEN, number: 3000, mostRefused: 0.6 },
  { kind: documents.FOREIGN, number: 2000, mostRefused: 0.6 },
  { kind: documents.TABLES, number: 2000, mostRefused: 0.6 },
  { kind: documents.TEMPLATES, number: 2000, mostRefused: 0.7 },
  { kind: documents.ANYTHING, number: 3000, mostRefused: 0.7 },
  { kind: REAL, number: 1500, mostRefused: 0.4 },
  { kind: REAL_MINIFIED, number: 1500, mostRefused: 0.4 },
  { kind: documents.PICTURES, number: 1500, mostRefused: 0.6 },
];

let engine;
let browser;
let judge;
let maker;

before(async () => {
  [engine, browser] = await Promise.all([moduleEngine(), launch()]);
  judge = await openJudge(browser);
  maker = new CaseMaker(judge, FEATURES);
});

after(() => browser?.close());

KINDS.forEach(({ kind, number, mostRefused }, series) => {
  test(`changes of ${kind} pages are what the DOM makes of them`, async (t) => {
    const tally = await judgeAll(kind, series * 1e8, number * TIMES);
    for (const line of tally.summary()) t.diagnostic(`${kind}: ${line}`);
    if (tally.different.length > 0) assert.fail(await smallest(tally.different));
    assert.ok(tally.refused <= mostRefused, `${tally.refused} of the changes are refused`);
  });
});

async function judgeAll(kind, first, number) {
  const tally = new Tally();
  for (let start = 0; start < number; start += BATCH) {
    const length = Math.min(BATCH, number - start);
    const seeds = Array.from({ length }, (_, at) => first + start + at);
    tally.add(await judgeCases(await maker.make(kind, seeds), engine, judge));
  }
  return tally;
}

/** The differing case that is the easiest to read, made easier still. */
async function smallest(different) {
  const [one] = different.toSorted((a, b) => a.html.length - b.html.length);
  const small = await shrinkCase(one, engine, judge);
  return `${different.length} differ, the smallest comes down to\n${describe(small)}`;
}
