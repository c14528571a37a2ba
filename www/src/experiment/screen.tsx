import { useEffect, useMemo } from 'preact/hooks';
import { BASE } from '../route.ts';
import { failure, loaded, read, reading } from '../session.ts';
import { Failed } from '../ui/notice.tsx';
import { useTitle } from '../ui/title.ts';
import { useWaiting } from '../ui/waiting.ts';
import { Compare } from './compare.tsx';
import { About, Head } from './head.tsx';
import { createPreview } from './preview.ts';
import { QaLinks } from './qa.tsx';
import { VisitorPanel } from './visitor.tsx';

export function ExperimentScreen({ experiment: key }: { experiment: string }) {
  const preview = useMemo(() => createPreview(key), [key]);
  const experiment = preview.experiment.value;
  useTitle(experiment?.name ?? 'Experiment');
  useEffect(() => {
    void preview.start();
    return preview.stop;
  }, [preview]);

  if (!experiment) return <NotThere experiment={key} />;
  return (
    <div class="screen experiment">
      <Head experiment={experiment} />
      <About experiment={experiment} />
      <Compare experiment={experiment} preview={preview} />
      <VisitorPanel experiment={experiment} preview={preview} />
      <QaLinks experiment={experiment} path={preview.path.value} />
    </div>
  );
}

function NotThere({ experiment }: { experiment: string }) {
  const waiting = useWaiting(reading.value);
  if (failure.value) {
    return (
      <div class="screen">
        <Failed
          title="The experiment could not be read"
          safe="Visitors still get their pages, and nothing was changed."
          error={failure.value}
          retry={() => void read()}
        />
      </div>
    );
  }
  if (!loaded.value) {
    return waiting === 'none' ? null : (
      <div class="screen" role="status">
        <p class="hint">Reading the experiment…</p>
      </div>
    );
  }
  return (
    <div class="empty">
      <h1>There is no experiment “{experiment}”</h1>
      <p>
        Revision {loaded.value.datafile.revision} of the datafile does not have it. It may have been
        removed since the link to it was made.
      </p>
      <a class="button primary" href={BASE}>
        All experiments
      </a>
    </div>
  );
}
