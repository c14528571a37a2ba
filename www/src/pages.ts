// Pages in words, and the page an experiment is first shown on.

import type { Experiment, PageRule } from './datafile.ts';

/** A rule as words around the part that is code: { before: "every page under", path: "/blog/" }. */
export interface RuleWords {
  before: string;
  path: string;
  after: string;
}

export function ruleInWords(rule: PageRule): RuleWords {
  const after = [hostInWords(rule.host), queryInWords(rule.query)].filter(Boolean).join(' ');
  if (rule.exact !== undefined) return { before: 'the page', path: rule.exact, after };
  if (rule.prefix === '/') return { before: 'every page', path: '', after };
  if (rule.prefix !== undefined) return { before: 'every page under', path: rule.prefix, after };
  if (rule.wildcard !== undefined) return { before: 'pages like', path: rule.wildcard, after };
  if (rule.suffix !== undefined) return { before: 'pages ending in', path: rule.suffix, after };
  if (rule.contains !== undefined) return { before: 'pages with', path: rule.contains, after };
  if (rule.regex !== undefined) return { before: 'pages matching', path: rule.regex, after };
  return { before: 'every page', path: '', after };
}

function hostInWords(host: string | undefined): string {
  if (!host) return '';
  return host.startsWith('*.') ? `on any subdomain of ${host.slice(2)}` : `on ${host}`;
}

function queryInWords(query: PageRule['query']): string {
  const names = Object.keys(query ?? {});
  return names.length ? `where the query has the right ${names.join(', ')}` : '';
}

export function plainRule(rule: PageRule): string {
  const { before, path, after } = ruleInWords(rule);
  return [before, path, after].filter(Boolean).join(' ');
}

/** The page to open first: only an exact rule names a page that surely exists. */
export function firstPage(experiment: Experiment): string | null {
  const rule = experiment.pages.include[0];
  // Which query it wants is not known here.
  return rule?.query ? null : (rule?.exact ?? null);
}

/** What the page field holds before anything is typed. */
export function pageHint(experiment: Experiment): string {
  const rule = experiment.pages.include[0];
  return rule?.exact ?? rule?.prefix ?? rule?.wildcard?.replace(/\*.*$/, '') ?? '/';
}

/** Every page named exactly, to be offered as a choice. */
export function namedPages(experiment: Experiment): string[] {
  return experiment.pages.include.flatMap((rule) => rule.exact ?? []);
}

/** A path from what was typed: a path, one without its slash, or a whole address. */
export function pathFrom(typed: string): string | null {
  const text = typed.trim();
  if (!text) return null;
  try {
    const url = /^https?:\/\//i.test(text)
      ? new URL(text)
      : new URL(text.startsWith('/') ? text : `/${text}`, 'http://site.invalid');
    // "//host/path" would leave the site.
    if (!/^https?:\/\//i.test(text) && url.host !== 'site.invalid') return null;
    return url.pathname + url.search;
  } catch {
    return null;
  }
}

/**
 * The addresses to ask the engine about, in order. The app may be served from a host of its own, on
 * which a rule that names a host never matches, so the hosts that rules name come after it.
 */
export function pageUrls(experiment: Experiment, path: string, origin: string): string[] {
  const here = new URL(path, origin);
  const there = experiment.pages.include.flatMap(({ host }) => {
    if (!host) return [];
    const url = new URL(here);
    url.host = host.replace(/^\*\./, 'www.');
    return url.href;
  });
  return [...new Set([here.href, ...there])];
}
