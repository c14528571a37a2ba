// Links that show one variant to whoever opens them, on the real page with its scripts.

import { useState } from 'preact/hooks';
import type { Experiment, Variant } from '../datafile.ts';
import { distance, moment, sentence } from '../format.ts';
import { request } from '../session.ts';
import { CopyButton } from '../ui/copy.tsx';
import { Link, Open, Warning } from '../ui/icons.tsx';
import { Letter } from '../ui/split.tsx';
import { useWaiting } from '../ui/waiting.ts';

interface QaLink {
  url: string;
  expires_at: string;
}

interface Props {
  experiment: Experiment;
  path: string;
}

export function QaLinks({ experiment, path }: Props) {
  return (
    <section class="block" id="qa" aria-labelledby="qa-title">
      <div class="block-head">
        <div>
          <h2 id="qa-title">QA links</h2>
          <p class="hint">
            A QA link shows one variant of <code>{path}</code> to whoever opens it, until they close
            the browser. Such visits are marked as forced and never counted.
          </p>
        </div>
      </div>
      <ul class="qa">
        {experiment.variants.map((variant, index) => (
          <li key={`${variant.key} ${path}`} class="qa-row">
            <Letter index={index} />
            <b class="qa-name">{variant.name}</b>
            <Make experiment={experiment} variant={variant} path={path} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Make({ experiment, variant, path }: Props & { variant: Variant }) {
  const [link, setLink] = useState<QaLink | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const waiting = useWaiting(busy);

  const make = async () => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      const json = { experiment: experiment.key, variant: variant.key, path };
      const response = await request('qa-links', { json });
      setLink((await response.json()) as QaLink);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : 'something unexpected happened');
    }
    setBusy(false);
  };

  if (link) return <Made link={link} variant={variant} />;
  return (
    <div class="qa-make">
      <button
        type="button"
        class="button"
        aria-disabled={busy}
        aria-label={`Make a link to ${variant.name}`}
        onClick={make}
      >
        <Link /> {waiting === 'none' ? 'Make a link' : 'Making…'}
      </button>
      <p class="field-problem" role="alert">
        {problem && (
          <>
            <Warning />
            <span>No link was made. {sentence(problem)} Try again.</span>
          </>
        )}
      </p>
    </div>
  );
}

function Made({ link, variant }: { link: QaLink; variant: Variant }) {
  const address = new URL(link.url, location.origin).href;
  const expires = new Date(link.expires_at);
  return (
    <div class="qa-made">
      <div class="joined">
        <input
          class="input code"
          readOnly
          aria-label={`Link to ${variant.name}`}
          value={address}
          onFocus={(event) => event.currentTarget.select()}
        />
        <CopyButton text={address} what={`the link to ${variant.name}`} />
        <a
          class="button"
          href={address}
          target="_blank"
          rel="noopener noreferrer"
          aria-label={`Open ${variant.name} in a new tab`}
        >
          <Open /> Open
        </a>
      </div>
      <p class="hint">
        Works for {distance(new Date(), expires)}, until {moment(expires)}.
      </p>
    </div>
  );
}
