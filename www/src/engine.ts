// The only door to the wasm package: the same engine that runs at the edge, loaded when first needed.

/** Why a visitor sees a variant, or sees the page as it is; `explain` says it in a sentence. */
export type Reason =
  | 'assigned'
  | 'forced'
  | 'kept'
  | 'page-not-matched'
  | 'page-too-long'
  | 'not-opened'
  | 'already-there'
  | 'led-elsewhere'
  | 'not-running'
  | 'not-started'
  | 'ended'
  | 'time-unknown'
  | 'bot'
  | 'opted-out'
  | 'no-consent'
  | 'held-out'
  | 'other-in-layer'
  | 'not-in-audience'
  | 'facts-unknown'
  | 'variant-stopped'
  | 'not-covered';

export interface Decision {
  experiment: string;
  variant: string | null;
  bucket: number;
  reason: Reason;
  explain: string;
  /** Where the visitor is sent, if they are. */
  redirect?: string;
  /** The page shown in place of the one asked for, if one is. */
  page?: string;
}

/** Where a variant leads instead of showing the page asked for. */
export interface Destination {
  redirect: string | null;
  page: string | null;
}

export interface Visit {
  url: string;
  visitor: string;
  headers?: [string, string][];
  /** When, RFC 3339; experiments with a schedule are not asked without it. */
  at?: string;
}

export interface Page {
  url: string;
  content_type?: string;
  csp?: string[];
  /** As the edge would decide for this visitor. */
  visitor?: string;
  /** Or only these experiments, each shown as the variant named. */
  variants?: Record<string, string>;
  /** Of the request, for tokens in the copy. */
  headers?: [string, string][];
  /** Where the visitor seems to be, for tokens in the copy. */
  geo?: Partial<Record<'city' | 'country' | 'country_name' | 'region' | 'continent', string>>;
}

export interface Skipped {
  reason: string;
  count: number;
  explain: string;
}

export interface ChangeReport {
  variant: string;
  change: string;
  selector: string | null;
  matched: number;
  applied: number;
  /** How many of these the page had that way already. */
  no_effect: number;
  /** Whether overlapping tags leave it open which elements browsers take for a match. */
  in_doubt: boolean;
  /** How it stays on the page; null where nothing matched. */
  grade: 'direct' | 'safe' | 'protected' | 'impossible' | null;
  skipped: Skipped[];
}

export interface Rendered extends Destination {
  html: Uint8Array;
  /** Why the page went out as it came, if it did. */
  passed: string | null;
  /** The lines of `Content-Security-Policy` to be sent, if others than came. */
  csp: string[] | null;
  /** What takes the page over in the browser, if that was seen or is known. */
  framework: string | null;
  experiments: {
    experiment: string;
    variant: string;
    control: boolean;
    exposed: boolean;
    changes: ChangeReport[];
  }[];
}

export interface DescribedVariant {
  variant: string;
  /** Where it leads, if it does not show the page asked for. */
  leads: string | null;
  changes: string[];
}

export interface Described {
  experiment: string;
  variants: DescribedVariant[];
}

export interface Engine {
  decide(datafile: string, visit: Visit): Decision[];
  destination(datafile: string, url: string, variants: Record<string, string>): Destination;
  render(datafile: string, page: Page, html: Uint8Array): Rendered;
  describe(datafile: string): Described[];
  new_visitor(): string;
}

type Package = Engine & { default(options: { module_or_path: string }): Promise<unknown> };

let loading: Promise<Engine> | null = null;

export function loadEngine(): Promise<Engine> {
  loading ??= load().catch((cause: unknown) => {
    // A failed download must not stick: the next call tries again.
    loading = null;
    throw new Error('the preview engine could not be loaded', { cause });
  });
  return loading;
}

async function load(): Promise<Engine> {
  const [glue, { default: module_or_path }] = await Promise.all([
    import('./engine/edgewise_browser.js'),
    import('./engine/edgewise_browser_bg.wasm?url'),
  ]);
  // Named one by one: the bundler drops every export that it does not see in use.
  const {
    default: init,
    decide,
    destination,
    render,
    describe,
    new_visitor,
  } = glue as unknown as Package;
  await init({ module_or_path });
  return { decide, destination, render, describe, new_visitor };
}
