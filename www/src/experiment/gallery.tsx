// Every variant of the page, side by side, as the edge would send it.

import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import { useMemo, useRef } from 'preact/hooks';
import type { Experiment, Variant } from '../datafile.ts';
import { percent, sentence } from '../format.ts';
import { query, setQuery } from '../router.ts';
import { Check, Dash, Desktop, Phone } from '../ui/icons.tsx';
import { Notice } from '../ui/notice.tsx';
import { Letter } from '../ui/split.tsx';
import { Changes } from './changes.tsx';
import { Frame } from './frame.tsx';
import type { Device, Pointed } from './frame.tsx';
import type { Preview, Shown } from './preview.ts';
import { createScrollGroup } from './scroll.ts';

/** The address decides; without a word from it, the width that fits the screen at hand. */
function deviceFrom(search: URLSearchParams): Device {
  const asked = search.get('device');
  if (asked === 'phone' || asked === 'desktop') return asked;
  return matchMedia('(max-width: 640px)').matches ? 'phone' : 'desktop';
}

export function DeviceChoice() {
  const device = deviceFrom(query.value);
  return (
    <div class="chips joined-chips" role="group" aria-label="Width of the page">
      <button
        type="button"
        class="chip"
        aria-pressed={device === 'desktop'}
        onClick={() => setQuery({ device: 'desktop' })}
      >
        <Desktop /> Desktop <span class="chip-count">1280</span>
      </button>
      <button
        type="button"
        class="chip"
        aria-pressed={device === 'phone'}
        onClick={() => setQuery({ device: 'phone' })}
      >
        <Phone /> Phone <span class="chip-count">390</span>
      </button>
    </div>
  );
}

interface Props {
  experiment: Experiment;
  preview: Preview;
  shown: Map<string, Shown>;
}

export function Gallery({ experiment, preview, shown }: Props) {
  const group = useMemo(createScrollGroup, []);
  const pointed = useSignal<Pointed | null>(null);
  const empty = useSignal(false);
  const strip = useRef<HTMLDivElement>(null);
  const device = deviceFrom(query.value);
  const passed = [...shown.values()].find((one) => one.passed)?.passed;

  const scroll = (event: KeyboardEvent) => {
    const by = KEYS[event.key];
    if (by === undefined || event.target !== strip.current) return;
    event.preventDefault();
    group.by(by);
  };

  return (
    <>
      {passed && (
        <Notice tone="warning" title="Edgewise leaves this page as it is">
          <p>{PASSED[passed] ?? sentence(passed)}</p>
        </Notice>
      )}
      {empty.value && (
        <Notice tone="warning" title="This page is put together by scripts">
          <p>
            Scripts do not run in this preview, so there is little to see. Edgewise changes what the
            site sends, before any script runs; use a QA link to see the whole page.
          </p>
        </Notice>
      )}
      <div
        class="gallery"
        ref={strip}
        role="group"
        tabIndex={0}
        aria-label="The page in every variant. Arrow keys scroll all of them."
        onKeyDown={scroll}
        style={{ '--count': String(experiment.variants.length) }}
      >
        {experiment.variants.map((variant, index) => {
          const own = shown.get(variant.key);
          return own ? (
            <article key={variant.key} class="card" aria-label={`Variant ${variant.name}`}>
              <CardHead variant={variant} index={index} />
              {own.redirect !== null || own.trouble ? (
                <NothingToShow own={own} />
              ) : (
                <Frame
                  title={`${experiment.name}: ${variant.name}`}
                  html={own.html}
                  address={new URL(preview.path.value, location.origin).href}
                  device={device}
                  group={group}
                  pointed={pointed}
                  onEmpty={(value) => index === 0 && (empty.value = value)}
                />
              )}
              <CardFoot
                own={own}
                running={experiment.status === 'running'}
                control={index === 0}
                pointed={pointed}
                variant={variant}
              />
            </article>
          ) : null;
        })}
      </div>
    </>
  );
}

/** In place of a page: visitors are sent away from here, or the page they should see is not there. */
function NothingToShow({ own: { redirect, page, trouble } }: { own: Shown }) {
  return (
    <div class="stage">
      <div class="stage-problem">
        {redirect !== null ? (
          <p>
            Visitors are sent to <code>{redirect}</code>
          </p>
        ) : (
          <p>
            {trouble?.title ?? page}. Visitors see the page asked for until that changes.{' '}
            {trouble?.hint}
          </p>
        )}
      </div>
    </div>
  );
}

/** The engine's codes, in words. */
const PASSED: Record<string, string> = {
  'charset-unsupported':
    'It is written in a character set that cannot be changed as it streams past.',
  'too-complex': 'Its tags are nested too deeply to be changed as it streams past.',
};

const KEYS: Record<string, number | 'start' | 'end'> = {
  ArrowDown: 80,
  ArrowUp: -80,
  PageDown: 600,
  PageUp: -600,
  Home: 'start',
  End: 'end',
};

export function CardHead({ variant, index }: { variant: Variant; index: number }) {
  return (
    <header class="card-head">
      <Letter index={index} />
      <h3>{variant.name}</h3>
      <code>{variant.key}</code>
      <span class="card-weight">{percent(variant.weight)}</span>
    </header>
  );
}

interface Foot {
  own: Shown;
  running: boolean;
  control: boolean;
  variant: Variant;
  pointed: Signal<Pointed | null>;
}

function CardFoot({ own, running, control, variant, pointed }: Foot) {
  const changes = control ? own.changes : own.changes.filter((one) => one.variant === variant.key);
  const found = changes.filter((one) => one.matched > 0).length;
  if (own.redirect !== null || own.trouble) return null;
  return (
    <div class="card-foot">
      {own.page !== null && (
        <p>
          <code>{own.page}</code> is shown at this address
        </p>
      )}
      {(!control || changes.length > 0) && (
        <h4>{control ? 'What the others change here' : 'What changed'}</h4>
      )}
      {control && changes.length === 0 ? (
        <p class="hint">Control stays as it is.</p>
      ) : control ? (
        <details class="more">
          <summary>
            Control stays as it is; {found} of {changes.length} changes would find their place
          </summary>
          <Changes changes={changes} control pointed={pointed} />
        </details>
      ) : (
        <Changes changes={changes} control={false} pointed={pointed} />
      )}
      <p class="exposure">
        {own.exposed && running ? <Check /> : <Dash />}
        {exposureWords(own.exposed, running)}
      </p>
    </div>
  );
}

function exposureWords(exposed: boolean, running: boolean): string {
  if (!running) return 'Nothing is counted while the experiment does not run.';
  return exposed
    ? 'A visit to this page counts.'
    : 'A visit to this page is not counted: nothing was found to change.';
}
