// The frame around every screen: skip link, bar, screen, foot.

import { useEffect, useRef } from 'preact/hooks';
import { ExperimentScreen } from './experiment/screen.tsx';
import { ListScreen } from './list/screen.tsx';
import { BASE } from './route.ts';
import { route } from './router.ts';
import { holder, loaded, off, read, reading, signedIn, signOut } from './session.ts';
import { SignIn } from './signin/screen.tsx';
import { SignInDialog } from './signin/dialog.tsx';
import { clock } from './format.ts';
import { Mark, Refresh } from './ui/icons.tsx';
import { ShortcutSwitch, startShortcuts } from './ui/shortcuts.tsx';
import { useTitle } from './ui/title.ts';

export function App() {
  useEffect(startShortcuts, []);
  if (!signedIn.value && !loaded.value) return <SignIn />;
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Bar />
      <Main />
      <Foot />
      {!signedIn.value && <SignInDialog />}
    </>
  );
}

function Bar() {
  const state = loaded.value;
  return (
    <header class="bar">
      <a class="brand" href={BASE}>
        <Mark />
        <span>Edgewise</span>
      </a>
      <span class="site">{location.host}</span>
      <div class="bar-end">
        {off.value && (
          <span class="revision" title={off.value.why || undefined}>
            <span class="wide-only">All experiments are switched </span>off
          </span>
        )}
        {holder.value && (
          <span class="revision wide-only">
            {holder.value.name} ({holder.value.role})
          </span>
        )}
        {state && (
          <span class="revision" title={`Read at ${clock(state.readAt)}`}>
            Revision {state.datafile.revision}
          </span>
        )}
        <button
          type="button"
          class="button quiet"
          aria-disabled={reading.value}
          onClick={() => reading.value || void read()}
        >
          <Refresh />
          <span class="wide-only">{reading.value ? 'Reading…' : 'Read again'}</span>
          <span class="narrow-only visually-hidden">Read again</span>
        </button>
        <button type="button" class="button quiet" onClick={signOut}>
          Sign out
        </button>
      </div>
    </header>
  );
}

function Main() {
  const main = useRef<HTMLElement>(null);
  const at = route.value;
  const place = at.screen === 'experiment' ? at.key : at.screen;
  const first = useRef(place);
  // A new screen is read from its top, by eye and by ear alike.
  useEffect(() => {
    if (first.current !== place) main.current?.focus({ preventScroll: true });
    first.current = place;
  }, [place]);
  return (
    <main id="main" ref={main} tabIndex={-1}>
      {at.screen === 'list' && <ListScreen />}
      {at.screen === 'experiment' && <ExperimentScreen key={at.key} experiment={at.key} />}
      {at.screen === 'missing' && <Missing />}
    </main>
  );
}

function Missing() {
  useTitle('Not found');
  return (
    <div class="empty">
      <h1>There is nothing at this address</h1>
      <p>It may be misspelt, or the experiment is no longer in the datafile.</p>
      <a class="button primary" href={BASE}>
        All experiments
      </a>
    </div>
  );
}

function Foot() {
  return (
    <footer class="foot">
      <p>
        What you see is what the edge reads. Experiments are written in a draft and published with{' '}
        <code>edgewise publish</code>.
      </p>
      <ShortcutSwitch />
    </footer>
  );
}
