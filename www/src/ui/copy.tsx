// Copies a text and says so where a screen reader hears it.

import { useState } from 'preact/hooks';
import { Check, Copy } from './icons.tsx';

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  const copy = async () => {
    // Absent on plain http, and it may be forbidden: then the text is still there to be selected.
    const done = await navigator.clipboard?.writeText(text).then(
      () => true,
      () => false,
    );
    setState(done ? 'copied' : 'failed');
    setTimeout(() => setState('idle'), 4_000);
  };
  return (
    <>
      <button type="button" class="button" aria-label={`Copy ${what}`} onClick={copy}>
        {state === 'copied' ? <Check /> : <Copy />}
        {state === 'copied' ? 'Copied' : 'Copy'}
      </button>
      <span class="visually-hidden" role="status">
        {state === 'copied' && 'Copied'}
      </span>
      {state === 'failed' && (
        <span class="hint" role="alert">
          The browser does not allow copying here. Select the link instead.
        </span>
      )}
    </>
  );
}
