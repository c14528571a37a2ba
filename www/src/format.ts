// Numbers, times and sentences as people read them.

import type { Hypothesis } from './datafile.ts';

const NARROW = '\u202f';

/** Basis points as a percentage, with no more digits than there are: 5000 is "50 %", 3333 is "33.33 %". */
export function percent(basisPoints: number): string {
  return `${Number((basisPoints / 100).toFixed(2))}${NARROW}%`;
}

/** 4210 as "4,210". */
export function number(value: number): string {
  return value.toLocaleString('en');
}

/** "1 place", "3 places". */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

/** "a", "a and b", "a, b and c". */
export function list(words: string[], last = 'and'): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}

/** The three parts of a hypothesis, cut so that they read on as one sentence; null where nobody has written them. */
export function hypothesisParts(hypothesis: Hypothesis): Hypothesis | null {
  if (hypothesis.imported_from) return null;
  const cut = (text: string) => text.trim().replace(/[.;,\s]+$/, '');
  return {
    we_believe: cut(hypothesis.we_believe),
    will_cause: cut(hypothesis.will_cause),
    because: cut(hypothesis.because),
  };
}

/** A clock time for something that happened a moment ago: "10:42". */
export function clock(at: Date): string {
  return at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}

/** A day and time with its zone named: "28 November 2026, 14:05 UTC". */
export function moment(at: Date, timeZone?: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
    ...(timeZone ? { timeZone } : {}),
  })
    .format(at)
    .replace(' at ', ', ');
}

/** How long until then, in the largest whole unit: "7 days", "3 hours", "1 minute". */
export function distance(from: Date, to: Date): string {
  const minutes = Math.max(0, Math.round((to.getTime() - from.getTime()) / 60_000));
  if (minutes < 90) return count(minutes, 'minute');
  const hours = Math.round(minutes / 60);
  return hours < 36 ? count(hours, 'hour') : count(Math.round(hours / 24), 'day');
}

/** Bucket ranges with both ends shown: [[0, 5000]] is "0–4,999". */
export function ranges(allocation: [number, number][]): string {
  const words = allocation
    .filter(([from, to]) => to > from)
    .map(([from, to]) =>
      to - from === 1 ? number(from) : `${number(from)}\u2013${number(to - 1)}`,
    );
  return words.length ? list(words) : 'none';
}

/**
 * A change's sentence with its selector set apart, which has to stay as it is written. The engine
 * names it at the end, at the start, or after "of"; the copy around it may hold the same letters.
 */
export function aroundSelector(words: string, selector: string | null): [string, string, string] {
  const at = selector ? placeOf(selector, words) : -1;
  if (!selector || at < 0) return [sentence(words), '', ''];
  const before = words.slice(0, at);
  return [
    before && before[0]?.toUpperCase() + before.slice(1),
    selector,
    sentence(`x${words.slice(at + selector.length)}`, 'as it is').slice(1),
  ];
}

function placeOf(selector: string, words: string): number {
  if (words.endsWith(` ${selector}`)) return words.length - selector.length;
  if (words.startsWith(`${selector} `)) return 0;
  const after = words.indexOf(` of ${selector} `);
  return after < 0 ? -1 : after + ' of '.length;
}

/** Messages of the engine start small and end bare, to be quoted anywhere; here they stand alone. */
export function sentence(text: string, start: 'large' | 'as it is' = 'large'): string {
  const trimmed = text.trim();
  if (!trimmed) return '';
  const first = trimmed[0] ?? '';
  return (
    (start === 'large' ? first.toUpperCase() : first) +
    trimmed.slice(1) +
    (/[.?!:\u2026]["\u201d)]?$/.test(trimmed) ? '' : '.')
  );
}
