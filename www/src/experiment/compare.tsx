// The section that shows the page: choose it, wait for it, see it in every variant.

import { useEffect, useMemo } from 'preact/hooks';
import { CardHead, DeviceChoice, Gallery } from './gallery.tsx';
import type { Experiment } from '../datafile.ts';
import { count, sentence } from '../format.ts';
import { firstPage } from '../pages.ts';
import { query, setQuery } from '../router.ts';
import { Failed, Notice } from '../ui/notice.tsx';
import { useWaiting } from '../ui/waiting.ts';
import { Words } from './changes.tsx';
import { PageChooser, pageQuestion } from './chooser.tsx';
import { fetchErrorWords, troubleWith } from './page.ts';
import type { Preview } from './preview.ts';

interface Props {
  experiment: Experiment;
  preview: Preview;
}

export function Compare({ experiment, preview }: Props) {
  const first = useMemo(() => query.peek().get('page') ?? firstPage(experiment), []);
  useEffect(() => {
    if (first) void preview.open(first);
  }, []);
  const open = (path: string) => {
    setQuery({ page: path });
    void preview.open(path);
  };
  return (
    <section class="block" aria-labelledby="compare-title">
      <div class="block-head">
        <div>
          <h2 id="compare-title">Side by side</h2>
          <p class="hint">
            Rendered in this browser by the engine that runs at the edge. Scripts of the page are
            off; <a href="#qa">QA links</a> show it with scripts on.
          </p>
        </div>
        <div class="tools">
          <PageChooser experiment={experiment} preview={preview} open={open} />
          <DeviceChoice />
        </div>
      </div>
      <Stage experiment={experiment} preview={preview} />
    </section>
  );
}

function Stage({ experiment, preview }: Props) {
  const state = preview.page.value;
  const shown = preview.shown.value;
  const busy =
    state.stage === 'fetching' || (state.stage === 'ready' && !shown && !preview.engineError.value);
  const again = () => void preview.open(preview.path.value);

  if (preview.engineError.value) {
    return (
      <Failed
        title="The preview cannot start"
        safe="The experiment itself is not affected."
        error={preview.engineError.value}
        retry={() => void preview.start()}
      />
    );
  }
  if (state.stage === 'none') {
    return (
      <>
        <Notice title={pageQuestion(experiment)}>
          <p>Type the path of one of its pages above to see it in every variant.</p>
        </Notice>
        <InWords experiment={experiment} preview={preview} />
      </>
    );
  }
  if (state.stage === 'failed') {
    return (
      <>
        <Failed
          title={`${state.path} could not be fetched`}
          safe="Nothing was changed."
          reason={fetchErrorWords(state.error)}
          error={state.error}
          retry={again}
        >
          <OtherPage />
        </Failed>
        <InWords experiment={experiment} preview={preview} />
      </>
    );
  }
  const trouble = state.stage === 'ready' ? troubleWith(state.page) : null;
  if (trouble) {
    return (
      <>
        <Notice
          tone="warning"
          title={trouble.title}
          actions={
            <>
              <button type="button" class="button" onClick={again}>
                Try again
              </button>
              <OtherPage />
            </>
          }
        >
          <p>{trouble.hint}</p>
        </Notice>
        <InWords experiment={experiment} preview={preview} />
      </>
    );
  }
  if (shown && 'error' in shown) {
    return (
      <Failed
        title="The page could not be rendered"
        safe="Visitors get the site’s own page whenever this happens at the edge."
        error={shown.error}
        retry={again}
      />
    );
  }
  if (busy || !shown) return <Fetching experiment={experiment} preview={preview} busy={busy} />;
  return (
    <>
      <NotAPageOfIt experiment={experiment} preview={preview} />
      <Gallery experiment={experiment} preview={preview} shown={shown} />
    </>
  );
}

function OtherPage() {
  return (
    <button
      type="button"
      class="button quiet"
      onClick={() => document.getElementById('page-path')?.focus()}
    >
      Use another page
    </button>
  );
}

function NotAPageOfIt({ experiment, preview }: Props) {
  const answer = preview.decisions.value;
  if (!answer || 'error' in answer) return null;
  const own = answer.all.find((one) => one.experiment === experiment.key);
  if (own?.reason !== 'page-not-matched') return null;
  return (
    <Notice tone="warning" title={`${preview.path.value} is not one of its pages`}>
      <p>{sentence(own.explain)} Visitors get this page as it is.</p>
    </Notice>
  );
}

function Fetching({ experiment, preview, busy }: Props & { busy: boolean }) {
  const waiting = useWaiting(busy);
  return (
    <>
      <p class="visually-hidden" role="status">
        {waiting !== 'none' && `Fetching ${preview.path.value}`}
      </p>
      {waiting === 'slow' && (
        <Notice
          title="The site takes long to answer"
          actions={
            <button type="button" class="button" onClick={preview.stop}>
              Cancel
            </button>
          }
        >
          <p>Edgewise is still waiting for {preview.path.value}.</p>
        </Notice>
      )}
      <div
        class="gallery"
        aria-hidden="true"
        style={{ '--count': String(experiment.variants.length) }}
      >
        {experiment.variants.map((variant, index) => (
          <div key={variant.key} class="card">
            <CardHead variant={variant} index={index} />
            <div class="stage" data-waiting={waiting} />
          </div>
        ))}
      </div>
    </>
  );
}

/** What each variant changes, for as long as there is no page to show it on. */
function InWords({ experiment, preview }: Props) {
  const described = preview.described.value;
  return (
    <div
      class="gallery"
      role="group"
      tabIndex={0}
      aria-label="What each variant changes"
      style={{ '--count': String(experiment.variants.length) }}
    >
      {experiment.variants.map((variant, index) => {
        const { leads, changes } = described.get(variant.key) ?? { leads: null, changes: [] };
        return (
          <article key={variant.key} class="card" aria-label={`Variant ${variant.name}`}>
            <CardHead variant={variant} index={index} />
            <div class="card-foot">
              <h4>{headline(leads, changes.length)}</h4>
              {leads && <p>{sentence(leads)}</p>}
              <ul class="changes plain">
                {changes.map((words, at) => (
                  <li key={at}>
                    <Words words={words} selector={variant.changes?.[at]?.selector ?? null} />
                  </li>
                ))}
              </ul>
            </div>
          </article>
        );
      })}
    </div>
  );
}

function headline(leads: string | null, changes: number): string {
  if (changes > 0) return count(changes, 'change');
  return leads ? 'Another page' : 'No changes';
}
