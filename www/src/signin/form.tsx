// Asks for the access token. Used on its own page and, when a token stops working, over the work.

import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { ApiError } from '../api.ts';
import { refused, signedOut, signIn } from '../session.ts';
import { Warning } from '../ui/icons.tsx';
import { useWaiting } from '../ui/waiting.ts';

export function SignInForm() {
  const field = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [shown, setShown] = useState(false);
  const waiting = useWaiting(busy);
  const id = useId();

  useEffect(() => field.current?.focus(), []);
  const message = problem ?? (refused.value ? REFUSED : null);

  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    const token = field.current?.value.trim() ?? '';
    setProblem(null);
    if (!token) return fail('Paste the access token first.');
    setBusy(true);
    const error = await signIn(token);
    setBusy(false);
    if (error) fail(wordsFor(error));
  };
  const fail = (words: string) => {
    setProblem(words);
    field.current?.focus();
  };

  return (
    <form class="signin-form" onSubmit={submit} noValidate>
      <label for={`${id}-token`}>Access token</label>
      <div class="joined">
        <input
          ref={field}
          id={`${id}-token`}
          class="input code"
          {...(shown ? { type: 'text' as const } : { type: 'password' as const })}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          aria-invalid={message !== null}
          aria-describedby={`${id}-problem ${id}-why`}
        />
        <button
          type="button"
          class="button"
          aria-pressed={shown}
          aria-label="Show the token"
          onClick={() => setShown(!shown)}
        >
          {shown ? 'Hide' : 'Show'}
        </button>
      </div>
      <p id={`${id}-problem`} class="field-problem" role="alert">
        {message && (
          <>
            <Warning />
            <span>{message}</span>
          </>
        )}
      </p>
      <button type="submit" class="button primary big" aria-disabled={busy}>
        {waiting === 'none' ? 'Sign in' : 'Signing in…'}
      </button>
      <p id={`${id}-why`} class="hint">
        {wasReloaded() && !signedOut.value
          ? 'You reloaded the page. Who you are was kept only in this tab’s memory, so Edgewise asks again.'
          : 'It is exchanged for a session of 15 minutes, which is kept only in this tab’s memory: nothing on this site can read it later, and reloading the page asks again.'}
      </p>
    </form>
  );
}

const REFUSED =
  'This access token is not accepted. Check that you copied all of it, or ask whoever set up Edgewise for the current one.';

function wordsFor(error: unknown): string {
  const { status, problem } = error instanceof ApiError ? error : { status: 0, problem: {} };
  if (status === 401) return REFUSED;
  if (status === 429) return 'Too many wrong tokens came from here. Wait a minute, then try again.';
  if (status > 0 && problem.detail) {
    return [`Edgewise says: ${problem.detail}.`, problem.hint].filter(Boolean).join(' ');
  }
  return 'Edgewise did not answer. Your site is not affected. Check your connection and try again.';
}

function wasReloaded(): boolean {
  const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  return entry?.type === 'reload';
}
