import type { ComponentChildren } from 'preact';
import { cancelReading, failure, loaded, read, reading } from '../session.ts';
import { ApiError } from '../api.ts';
import type { Datafile } from '../datafile.ts';
import { clock, count } from '../format.ts';
import { query, setQuery } from '../router.ts';
import { Failed, Notice } from '../ui/notice.tsx';
import { useTitle } from '../ui/title.ts';
import { useWaiting } from '../ui/waiting.ts';
import { countByStatus, filterFrom, shown } from './filter.ts';
import { Filters } from './filters.tsx';
import { Rows, SkeletonRows } from './rows.tsx';

export function ListScreen() {
  useTitle('Experiments');
  const state = loaded.value;
  return (
    <div class="screen list">
      <div class="list-head">
        <h1>Experiments</h1>
        {state && <Summary datafile={state.datafile} />}
      </div>
      <ReadProblem />
      {state ? <Experiments datafile={state.datafile} /> : <Reading />}
    </div>
  );
}

function Summary({ datafile }: { datafile: Datafile }) {
  const running = countByStatus(datafile.experiments).get('running') ?? 0;
  return (
    <p class="lead">
      {count(datafile.experiments.length, 'experiment')}, {running} running. Revision{' '}
      {datafile.revision} of the datafile.
    </p>
  );
}

function ReadProblem() {
  const error = failure.value;
  if (!error) return null;
  const retry = () => void read();
  const state = loaded.value;
  if (state) {
    return (
      <Failed
        title={`Showing the experiments as they were at ${clock(state.readAt)}`}
        safe="Visitors still get their pages."
        error={error}
        retry={retry}
      />
    );
  }
  if (error instanceof ApiError && error.status === 404) {
    return (
      <NothingPublished>
        <p>
          The edge finds no datafile. If you have published one, the log of the service says why it
          cannot be read.
        </p>
      </NothingPublished>
    );
  }
  return (
    <Failed
      title="The experiments could not be read"
      safe="Visitors still get their pages, and nothing was changed."
      error={error}
      retry={retry}
    />
  );
}

function Reading() {
  const waiting = useWaiting(reading.value);
  if (waiting === 'none') return null;
  if (waiting === 'soon') return <p class="hint">Reading the experiments…</p>;
  return (
    <>
      {waiting === 'slow' && (
        <Notice
          title="This takes longer than usual"
          actions={
            <button type="button" class="button" onClick={cancelReading}>
              Cancel
            </button>
          }
        >
          <p>Edgewise is still reading the datafile.</p>
        </Notice>
      )}
      <SkeletonRows />
    </>
  );
}

function Experiments({ datafile }: { datafile: Datafile }) {
  const { experiments } = datafile;
  const filter = filterFrom(query.value);
  const rows = shown(experiments, filter);
  if (experiments.length === 0) return <NothingPublished />;
  return (
    <>
      <Filters experiments={experiments} filter={filter} found={rows.length} />
      {rows.length > 0 ? (
        <Rows experiments={rows} />
      ) : (
        <div class="empty">
          <h2>Nothing fits</h2>
          <p>No experiment has all of these words in its name, its pages or its hypothesis.</p>
          <button type="button" class="button" onClick={() => setQuery({ q: null, status: null })}>
            Show all experiments
          </button>
        </div>
      )}
    </>
  );
}

function NothingPublished({ children }: { children?: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>No experiments yet</h2>
      <p>
        Try one idea on one page. Write it down in a draft, with what you believe and why, and
        publish it:
      </p>
      <pre>
        <code>edgewise publish draft.json --out datafile.json</code>
      </pre>
      <p>Once the edge has the datafile, its experiments appear here.</p>
      {children}
      <button type="button" class="button" onClick={() => void read()}>
        Read again
      </button>
    </div>
  );
}
