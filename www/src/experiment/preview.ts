// The state of one experiment's screen: the page, the engine, and every variant rendered by it.

import { computed, signal } from '@preact/signals';
import type { Experiment } from '../datafile.ts';
import { loadEngine } from '../engine.ts';
import type {
  ChangeReport,
  Decision,
  DescribedVariant,
  Destination,
  Engine,
  Rendered,
} from '../engine.ts';
import { decodeHtml } from '../html.ts';
import { pageHint, pageUrls } from '../pages.ts';
import { loaded, request } from '../session.ts';
import { fetchPage, PATIENCE_MS, troubleWith } from './page.ts';
import type { OriginPage, Trouble } from './page.ts';

export type PageState =
  | { stage: 'none' }
  | { stage: 'fetching'; path: string }
  | { stage: 'failed'; path: string; error: unknown }
  | { stage: 'ready'; path: string; page: OriginPage; others: Others };

/** What variants show in place of the page asked for, by their keys. */
type Others = Map<string, OriginPage>;

export interface Shown extends Destination {
  html: string;
  /** Why the page that is shown in place of the one asked for cannot be. */
  trouble: Trouble | null;
  passed: string | null;
  exposed: boolean;
  changes: ChangeReport[];
}

export type Preview = ReturnType<typeof createPreview>;

export function createPreview(key: string) {
  const engine = signal<Engine | null>(null);
  const engineError = signal<unknown>(null);
  const page = signal<PageState>({ stage: 'none' });
  const visitor = signal('');
  let cancel = new AbortController();

  const experiment = computed(
    () => loaded.value?.datafile.experiments.find((one) => one.key === key) ?? null,
  );
  const path = computed(() => {
    if (page.value.stage !== 'none') return page.value.path;
    return experiment.value ? pageHint(experiment.value) : '/';
  });

  /** The engine's answers for the visitor on the page, or the reason why it has none. */
  const decisions = computed((): { url: string; all: Decision[] } | { error: unknown } | null => {
    const text = loaded.value?.text;
    if (!engine.value || !text || !experiment.value) return null;
    try {
      return decideOn(engine.value, text, experiment.value, path.value, visitor.value);
    } catch (error) {
      return { error };
    }
  });

  const shown = computed((): Map<string, Shown> | { error: unknown } | null => {
    const state = page.value;
    const text = loaded.value?.text;
    if (!engine.value || !text || !experiment.value || state.stage !== 'ready') return null;
    if (troubleWith(state.page)) return null;
    try {
      return renderAll(engine.value, text, experiment.value, state);
    } catch (error) {
      return { error };
    }
  });

  /** What each variant does, in words, for as long as there is no page to count on. */
  const described = computed((): Map<string, DescribedVariant> => {
    const text = loaded.value?.text;
    if (!engine.value || !text) return new Map();
    const found = engine.value.describe(text).find((one) => one.experiment === key);
    return new Map(found?.variants.map((one) => [one.variant, one]));
  });

  async function start(): Promise<void> {
    engineError.value = null;
    try {
      const ready = await loadEngine();
      visitor.value ||= ready.new_visitor();
      engine.value = ready;
    } catch (error) {
      engineError.value = error;
    }
  }

  async function open(to: string): Promise<void> {
    cancel.abort();
    const mine = (cancel = new AbortController());
    page.value = { stage: 'fetching', path: to };
    try {
      const patience = AbortSignal.any([mine.signal, AbortSignal.timeout(PATIENCE_MS)]);
      const [fetched, others] = await Promise.all([
        fetchPage(request, to, patience),
        fetchOthers(to, patience),
      ]);
      page.value = { stage: 'ready', path: to, page: fetched, others };
    } catch (error) {
      if (!mine.signal.aborted) page.value = { stage: 'failed', path: to, error };
    }
  }

  /** The pages that variants show in place of the one asked for. */
  async function fetchOthers(to: string, signal: AbortSignal): Promise<Others> {
    const text = loaded.value?.text;
    const own = experiment.value;
    const showing = own?.variants.filter((variant) => variant.page) ?? [];
    if (!text || !own || showing.length === 0) return new Map();
    const ready = await loadEngine();
    const { url } = decideOn(ready, text, own, to, 'preview');
    const fetched = showing.map(async ({ key: variant }): Promise<[string, OriginPage]> => {
      const { page: other } = ready.destination(text, url, { [own.key]: variant });
      return [variant, await fetchPage(request, other ?? to, signal)];
    });
    return new Map(await Promise.all(fetched));
  }

  function stop(): void {
    cancel.abort();
    const { value } = page;
    if (value.stage !== 'fetching') return;
    page.value = { stage: 'failed', path: value.path, error: new Error('you stopped it') };
  }

  return {
    engine,
    engineError,
    experiment,
    page,
    path,
    visitor,
    decisions,
    shown,
    described,
    start,
    open,
    stop,
  };
}

/** What the browser at hand tells of itself. */
function ownHeaders(): [string, string][] {
  return [
    ['accept-language', navigator.languages.join(',')],
    ['user-agent', navigator.userAgent],
  ];
}

/** The first address under which the page is one of the experiment's, else the address here. */
function decideOn(
  engine: Engine,
  text: string,
  experiment: Experiment,
  path: string,
  visitor: string,
): { url: string; all: Decision[] } {
  const answers = pageUrls(experiment, path, location.origin).map((url) => ({
    url,
    all: engine.decide(text, { url, visitor, headers: ownHeaders(), at: new Date().toISOString() }),
  }));
  const matches = ({ all }: { all: Decision[] }) =>
    all.some((one) => one.experiment === experiment.key && one.reason !== 'page-not-matched');
  const first = answers.find(matches) ?? answers[0];
  if (!first) throw new Error('the page has no address');
  return first;
}

function renderAll(
  engine: Engine,
  text: string,
  experiment: Experiment,
  { page: asked, others }: { page: OriginPage; others: Others },
): Map<string, Shown> {
  const { url } = decideOn(engine, text, experiment, asked.path, 'preview');
  return new Map(
    experiment.variants.map((variant) => {
      const page = others.get(variant.key) ?? asked;
      const rendered = engine.render(
        text,
        {
          url,
          ...(page.contentType ? { content_type: page.contentType } : {}),
          ...(page.csp ? { csp: [page.csp] } : {}),
          variants: { [experiment.key]: variant.key },
          // Copy with tokens in it is shown as it would be to whoever looks at the preview.
          headers: ownHeaders(),
        },
        page.bytes,
      );
      return [variant.key, shownFrom(rendered, experiment.key, page)];
    }),
  );
}

function shownFrom(rendered: Rendered, key: string, page: OriginPage): Shown {
  const own = rendered.experiments.find((one) => one.experiment === key);
  return {
    html: decodeHtml(page.contentType, rendered.html),
    redirect: rendered.redirect,
    page: rendered.page,
    trouble: rendered.page === null ? null : troubleWith(page),
    passed: rendered.passed,
    exposed: own?.exposed ?? false,
    changes: own?.changes ?? [],
  };
}
