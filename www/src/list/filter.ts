// Which experiments the list shows, and in which order. Pure.

import type { Experiment, Status } from '../datafile.ts';
import { plainRule } from '../pages.ts';

const ORDER: Status[] = ['running', 'paused', 'draft', 'stopped'];

export interface Filter {
  status: Status | null;
  words: string;
}

export function filterFrom(query: URLSearchParams): Filter {
  const status = query.get('status') as Status | null;
  return { status: status && ORDER.includes(status) ? status : null, words: query.get('q') ?? '' };
}

export function shown(experiments: Experiment[], filter: Filter): Experiment[] {
  const words = filter.words.toLowerCase().split(/\s+/).filter(Boolean);
  return experiments
    .filter(({ status }) => !filter.status || status === filter.status)
    .filter((experiment) => {
      const text = searchText(experiment);
      return words.every((word) => text.includes(word));
    })
    .sort((one, other) => ORDER.indexOf(one.status) - ORDER.indexOf(other.status));
}

export function countByStatus(experiments: Experiment[]): Map<Status, number> {
  const counts = new Map<Status, number>();
  for (const { status } of experiments) counts.set(status, (counts.get(status) ?? 0) + 1);
  return counts;
}

function searchText({ key, name, hypothesis, pages, variants }: Experiment): string {
  return [
    key,
    name,
    ...Object.values(hypothesis),
    ...pages.include.map(plainRule),
    ...variants.map((variant) => variant.name),
  ]
    .join('\n')
    .toLowerCase();
}
