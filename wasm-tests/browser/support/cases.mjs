// Cases, each a page and changes to it, and what becomes of them: the rewritten page has to be what DOM
// calls make of the original. An engine that is not sure may refuse, but then it says why and leaves the
// page as it was.

import { makeChanges } from './changes.mjs';
import { KINDS, makeDocument } from './documents.mjs';
import { minifiedPages, REAL, REAL_MINIFIED, realPages } from './pages.mjs';
import { Dice } from './random.mjs';
import { Tree } from './selectors.mjs';

/** What can become of a case. Of these only `DIFFERENT` is wrong; each other that is not equal is told by the report. */
export const EQUAL = 'equal';
export const REFUSED = 'refused';
export const REFUSED_IN_PART = 'refused in part';
/** The report says that the parser moved elements after they had been looked at. */
export const IN_DOUBT = 'in doubt';
export const DIFFERENT = 'different';

/** Every kind of page that cases are made of. */
export const ALL_KINDS = [...KINDS, REAL, REAL_MINIFIED];

/** Makes cases: pages of a kind, each with changes of the features that are enabled. */
export class CaseMaker {
  #judge;
  #enabled;
  #real = new Map();
  /** There are few such pages, and each is drawn many times. */
  #realTrees = new Map();

  constructor(judge, enabled) {
    this.#judge = judge;
    this.#enabled = enabled;
  }

  /** One for each seed. */
  async make(kind, seeds) {
    const pages = await this.pages(kind, seeds);
    const trees = await this.#treesOf(pages, KINDS.includes(kind) ? new Map() : this.#realTrees);
    return seeds.map((seed, at) => {
      const html = pages[at];
      return { seed, kind, html, changes: makeChanges(seed, trees.get(html), this.#enabled) };
    });
  }

  /** The pages alone. */
  async pages(kind, seeds) {
    if (KINDS.includes(kind)) return seeds.map((seed) => makeDocument(seed, kind).html);
    const shelf = await this.#shelf(kind);
    return seeds.map((seed) => new Dice(seed).pick(shelf));
  }

  /** Adds the trees that are not known yet. */
  async #treesOf(pages, known) {
    const unknown = [...new Set(pages)].filter((html) => !known.has(html));
    const listed = await this.#judge.trees(unknown);
    unknown.forEach((html, at) => known.set(html, new Tree(listed[at])));
    return known;
  }

  async #shelf(kind) {
    if (!this.#real.has(REAL)) this.#real.set(REAL, realPages());
    if (kind === REAL_MINIFIED && !this.#real.has(kind)) {
      this.#real.set(kind, await minifiedPages(this.#real.get(REAL)));
    }
    return this.#real.get(kind);
  }
}

/** The cases with their `outcome`; refusals also with `reasons`, differences with what was wanted. */
export async function judgeCases(cases, engine, judge) {
  const answers = await engine.answer(cases);
  const judged = cases.map(({ html, changes }, at) => ({
    ...{ changes, input: html, output: answers[at].html ?? html },
  }));
  const verdicts = await judge.verdicts(judged);
  const untouched = await areUntouched(judged, answers, judge);
  const settled = cases.map((one, at) => settle(one, answers[at], verdicts[at], untouched[at]));
  return judgeRest(settled, answers, judge);
}

/**
 * Whether each page is as it was: a tag that the page had left out may have been written where a change
 * was refused only at its end, and browsers make nothing else of that.
 */
async function areUntouched(judged, answers, judge) {
  const untouched = judged.map(({ input, output }) => input === output);
  const unsure = judged
    .map((one, at) => ({ at, ...one, changes: [] }))
    .filter(({ at }) => !untouched[at] && answers[at].skipped?.length > 0);
  const verdicts = await judge.verdicts(unsure);
  unsure.forEach(({ at }, index) => {
    untouched[at] = verdicts[index].outcome !== DIFFERENT;
  });
  return untouched;
}

/**
 * Where a change of several was refused for all its elements, the page has to be what the others make
 * of it.
 */
async function judgeRest(settled, answers, judge) {
  const parts = settled
    .map((one, at) => ({ at, one, rest: withoutRefused(one, answers[at]) }))
    .filter(({ one, rest }) => one.outcome === REFUSED_IN_PART && rest !== null);
  const verdicts = await judge.verdicts(
    parts.map(({ one, rest }) => ({ changes: rest, input: one.html, output: one.output })),
  );
  const result = [...settled];
  parts.forEach(({ at, one }, index) => {
    const { outcome, wanted, got } = verdicts[index];
    if (outcome === DIFFERENT) result[at] = { ...one, outcome, wanted, got };
  });
  return result;
}

/** The changes that were made; null where one was made to some of its elements and refused for others. */
function withoutRefused({ changes, meant }, { skipped }) {
  const refused = new Set(skipped?.map(({ change }) => change));
  const whole = [...refused].every((change) => meant[change] <= 1);
  return whole ? changes.filter((_, at) => !refused.has(at)) : null;
}

function settle(one, answer, verdict, untouched) {
  const { meant, outcome, wanted, got } = verdict;
  const known = { ...one, meant, output: answer.html };
  const wrong = (why) => ({
    ...known,
    outcome: DIFFERENT,
    wanted: why,
    got: got ?? 'the wanted DOM',
  });
  if (answer.fault) return wrong(`an answer, not: ${answer.fault}`);
  if (answer.invalid) return { ...known, outcome: REFUSED, reasons: drafted(answer) };
  if (answer.passed) {
    if (answer.html !== one.html) return wrong('the same bytes, as the page was passed over');
    return { ...known, outcome: REFUSED, reasons: ['page passed over'] };
  }
  const reasons = [...new Set(answer.skipped.map(({ reason }) => reason))].sort();
  const refused = reasons.length > 0;
  const whole = untouched;
  if (outcome === DIFFERENT && answer.doubted?.some(Boolean)) {
    return { ...known, outcome: IN_DOUBT };
  }
  if (refused && one.changes.length === 1 && meant[0] <= 1 && !whole) {
    return wrong(`the same page, as the change was refused: ${reasons}`);
  }
  if (refused && whole) return { ...known, outcome: REFUSED, reasons };
  // Of several changes one may be needless, because another took its element away.
  if (refused && outcome === DIFFERENT) return { ...known, outcome: REFUSED_IN_PART, reasons };
  if (outcome === DIFFERENT) return { ...known, outcome, wanted, got };
  return { ...known, outcome, miscounted: isMiscounted(one.changes, meant, answer.matched) };
}

/** What is wrong with the draft; an answer may give several codes in one. */
const drafted = ({ invalid }) => [...new Set(invalid.split(' '))].map((code) => `draft: ${code}`);

/** Whether the report counts other elements than the browser finds. */
function isMiscounted(changes, meant, matched) {
  return changes.some(
    ({ selector, move, expect }, at) =>
      selector !== undefined && !move && expect !== 'one' && matched?.[at] !== meant[at],
  );
}

/** Counts outcomes, and keeps what differs. */
export class Tally {
  different = [];
  miscounted = [];
  judged = 0;
  #outcomes = new Map();
  #reasons = new Map();

  add(cases) {
    for (const one of cases) {
      this.judged += 1;
      count(this.#outcomes, one.outcome);
      for (const reason of one.reasons ?? []) count(this.#reasons, reason);
      if (one.outcome === DIFFERENT) this.different.push(one);
      if (one.miscounted) this.miscounted.push(one);
    }
  }

  /** The share of cases in which a change was refused. */
  get refused() {
    const number = (outcome) => this.#outcomes.get(outcome) ?? 0;
    return (number(REFUSED) + number(REFUSED_IN_PART) + number(IN_DOUBT)) / this.judged;
  }

  /** One line on all of it, and one on the reasons for refusals. */
  summary() {
    const percent = (number) => `${((100 * number) / this.judged).toFixed(2)} %`;
    const listed = (counts) =>
      [...counts]
        .sort(([, a], [, b]) => b - a)
        .map(([name, number]) => `${name} ${percent(number)}`)
        .join(', ');
    const outcomes = new Map([...this.#outcomes].filter(([name]) => name !== DIFFERENT));
    const { length } = this.different;
    return [
      `${this.judged} judged: ${listed(outcomes)}, different ${percent(length)} (${length})`,
      `refused for: ${listed(this.#reasons) || 'nothing'}; counted otherwise: ${this.miscounted.length}`,
    ];
  }
}

function count(counts, name) {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** A case as a person reads it. */
export function describe({ kind, seed, changes, html, output, wanted, got }) {
  const lines = [
    `${kind}, seed ${seed}`,
    ...changes.map((change) => `  change ${JSON.stringify(change)}`),
    `  input  ${JSON.stringify(html)}`,
    `  output ${JSON.stringify(output)}`,
  ];
  if (wanted !== undefined) lines.push(`  wanted ${wanted}`, `  got    ${got}`);
  return lines.join('\n');
}
