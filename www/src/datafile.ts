// The shape of what the edge reads. The engine owns its rules; this only names the fields shown.

export type Status = 'draft' | 'running' | 'paused' | 'stopped';

export interface Hypothesis {
  we_believe: string;
  will_cause: string;
  because: string;
  /** The tool that the experiment was taken over from; then nobody has written the three parts yet. */
  imported_from?: string;
}

export interface PageRule {
  host?: string;
  exact?: string;
  prefix?: string;
  wildcard?: string;
  suffix?: string;
  contains?: string;
  regex?: string;
  /** How each parameter is compared; only the names are shown. */
  query?: Record<string, unknown>;
}

export interface Variant {
  key: string;
  name: string;
  /** Basis points of the enrolled visitors. */
  weight: number;
  /** Half-open bucket ranges, made at publish. */
  allocation: [number, number][];
  /** The engine puts changes into words; here they are counted, and their selectors set apart. */
  changes?: { selector?: string }[];
  /** Sends the visitor to another address. */
  redirect?: { to: string };
  /** Shows another page of the site at the address asked for. */
  page?: { path: string };
  /** Its visitors see the page as it is. */
  stopped?: boolean;
}

export interface Experiment {
  key: string;
  name: string;
  status: Status;
  hypothesis: Hypothesis;
  pages: { include: PageRule[]; exclude?: PageRule[] };
  /** Basis points of visitors enrolled. */
  coverage: number;
  /** Conditions on the visit; only whether there are any is shown. */
  audience?: unknown;
  schedule?: unknown;
  layer?: { key: string; share: number };
  /** The first is control. */
  variants: Variant[];
}

export interface Datafile {
  schema_version: number;
  revision: number;
  experiments: Experiment[];
}

export const SCHEMA_VERSION = 1;
export const BUCKETS = 10_000;

/** Another page counts as one. */
export function countChanges(experiment: Experiment): number {
  return experiment.variants.reduce((sum, { changes, redirect, page }) => {
    return sum + (changes?.length ?? 0) + (redirect || page ? 1 : 0);
  }, 0);
}

/** Variants go by letters where space is short: A is control. */
export function letterOf(index: number): string {
  return String.fromCharCode(65 + index);
}
