// What one visitor gets on this page, and why.

import type { Experiment } from '../datafile.ts';
import type { Decision } from '../engine.ts';
import { number, sentence } from '../format.ts';
import { experimentPath } from '../route.ts';
import { loaded } from '../session.ts';
import { Shuffle, Warning } from '../ui/icons.tsx';
import { Letter } from '../ui/split.tsx';
import { Buckets } from './buckets.tsx';
import type { Preview } from './preview.ts';

interface Props {
  experiment: Experiment;
  preview: Preview;
}

export function VisitorPanel({ experiment, preview }: Props) {
  const answer = preview.decisions.value;
  const error = answer && 'error' in answer ? answer.error : null;
  return (
    <section class="block" aria-labelledby="visitor-title">
      <div class="block-head">
        <div>
          <h2 id="visitor-title">Who sees what</h2>
          <p class="hint">
            Take any visitor and see what the edge decides for them on{' '}
            <code>{preview.path.value}</code>.
          </p>
        </div>
        <VisitorField preview={preview} error={error} />
      </div>
      {answer && !('error' in answer) && (
        <div class="panel">
          <Own
            experiment={experiment}
            decision={answer.all.find((one) => one.experiment === experiment.key)}
          />
          <All decisions={answer.all} />
          <p class="hint panel-url">
            Asked for <code>{answer.url}</code>, now and with your browser. From where is not known
            here.
          </p>
        </div>
      )}
    </section>
  );
}

function VisitorField({ preview, error }: { preview: Preview; error: unknown }) {
  const fresh = () => {
    const engine = preview.engine.value;
    if (engine) preview.visitor.value = engine.new_visitor();
  };
  return (
    <div class="chooser">
      <label for="visitor-id">Visitor id</label>
      <div class="joined">
        <input
          id="visitor-id"
          class="input code"
          value={preview.visitor.value}
          onInput={(event) => (preview.visitor.value = event.currentTarget.value.trim())}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          aria-invalid={error !== null}
          aria-describedby="visitor-problem"
        />
        <button type="button" class="button" onClick={fresh}>
          <Shuffle /> New visitor
        </button>
      </div>
      <p id="visitor-problem" class="field-problem" role="alert">
        {error !== null && (
          <>
            <Warning />
            <span>{sentence(error instanceof Error ? error.message : String(error))}</span>
          </>
        )}
      </p>
    </div>
  );
}

function Own({ experiment, decision }: { experiment: Experiment; decision: Decision | undefined }) {
  if (!decision) return null;
  const index = experiment.variants.findIndex((variant) => variant.key === decision.variant);
  const variant = experiment.variants[index];
  return (
    <div class="verdict">
      <p class="verdict-words" role="status">
        {variant ? (
          <>
            This visitor sees <Letter index={index} /> <strong>{variant.name}</strong>
          </>
        ) : (
          <>
            This visitor sees <strong>the page as it is</strong>
          </>
        )}
      </p>
      <p class="verdict-why">{sentence(decision.explain)}</p>
      <Buckets variants={experiment.variants} bucket={decision.bucket} />
    </div>
  );
}

function All({ decisions }: { decisions: Decision[] }) {
  const experiments = loaded.value?.datafile.experiments ?? [];
  return (
    <table class="table decisions" role="table">
      <caption>All experiments on this page, for this visitor</caption>
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader" scope="col">
            Experiment
          </th>
          <th role="columnheader" scope="col">
            Sees
          </th>
          <th role="columnheader" scope="col" class="numeric">
            Bucket
          </th>
          <th role="columnheader" scope="col">
            Why
          </th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        {decisions.map((decision) => {
          const experiment = experiments.find((one) => one.key === decision.experiment);
          const index = experiment?.variants.findIndex((one) => one.key === decision.variant) ?? -1;
          const variant = experiment?.variants[index];
          return (
            <tr role="row" key={decision.experiment}>
              <th role="rowheader" scope="row">
                <a href={experimentPath(decision.experiment)}>
                  {experiment?.name ?? decision.experiment}
                </a>
              </th>
              <td role="cell" class="cell-sees">
                {variant ? (
                  <>
                    <Letter index={index} /> {variant.name}
                  </>
                ) : (
                  <span class="hint">As it is</span>
                )}
              </td>
              <td role="cell" class="numeric">
                {number(decision.bucket)}
              </td>
              <td role="cell" class="hint">
                {sentence(decision.explain)}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
