// Which page to show. Any path of the site can be typed; pages named by the rules are one click away.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Experiment } from '../datafile.ts';
import { namedPages, pathFrom, plainRule } from '../pages.ts';
import { shortcutHint } from '../ui/shortcuts.tsx';
import type { Preview } from './preview.ts';

interface Props {
  experiment: Experiment;
  preview: Preview;
  open: (path: string) => void;
}

export function PageChooser({ experiment, preview, open }: Props) {
  const field = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState(false);
  const current = preview.path.value;
  const named = namedPages(experiment);
  const fetching = preview.page.value.stage === 'fetching';

  useEffect(() => {
    if (field.current) field.current.value = current;
  }, [current]);

  const submit = (event: Event) => {
    event.preventDefault();
    const path = pathFrom(field.current?.value ?? '');
    setProblem(path === null);
    if (path === null) field.current?.focus();
    else open(path);
  };

  return (
    <form class="chooser" onSubmit={submit} noValidate>
      <label for="page-path">Page</label>
      <div class="joined">
        <input
          ref={field}
          id="page-path"
          class="input code"
          data-find
          list={named.length > 1 ? 'page-named' : undefined}
          defaultValue={current}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          aria-keyshortcuts={shortcutHint()}
          aria-invalid={problem}
          aria-describedby="page-problem"
        />
        <button type="submit" class="button">
          {fetching ? 'Fetching…' : 'Show'}
        </button>
      </div>
      {named.length > 1 && (
        <datalist id="page-named">
          {named.map((path) => (
            <option key={path} value={path} />
          ))}
        </datalist>
      )}
      <p id="page-problem" class="field-problem" role="alert">
        {problem && 'Type a path of this site, such as /pricing.'}
      </p>
    </form>
  );
}

/** For an experiment whose rules name no page for sure. */
export function pageQuestion(experiment: Experiment): string {
  const rule = experiment.pages.include[0];
  return rule ? `This experiment runs on ${plainRule(rule)}.` : 'This experiment names no page.';
}
