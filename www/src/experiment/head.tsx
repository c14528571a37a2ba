// What the experiment is: its question first, then where and on whom.

import type { Experiment } from '../datafile.ts';
import { hypothesisParts, list, percent, ranges } from '../format.ts';
import { BASE } from '../route.ts';
import { Back } from '../ui/icons.tsx';
import { RuleText } from '../ui/rule.tsx';
import { Letter, Split } from '../ui/split.tsx';
import { StatusChip, STATUS_MEANING } from '../ui/status.tsx';

export function Head({ experiment }: { experiment: Experiment }) {
  return (
    <header class="head">
      <a class="back" href={BASE}>
        <Back /> Experiments
      </a>
      <div class="head-title">
        <h1>{experiment.name}</h1>
        <StatusChip status={experiment.status} />
        <code class="key" title="The key of this experiment; it never changes">
          {experiment.key}
        </code>
      </div>
    </header>
  );
}

export function About({ experiment }: { experiment: Experiment }) {
  const parts = hypothesisParts(experiment.hypothesis);
  return (
    <div class="about">
      <div class="question">
        <p class="hypothesis">
          {parts ? (
            <>
              <span>We believe</span> {parts.we_believe} <span>will cause</span> {parts.will_cause}{' '}
              <span>because</span> {parts.because}.
            </>
          ) : (
            <span>
              Taken over from {experiment.hypothesis.imported_from}, without a hypothesis.
            </span>
          )}
        </p>
        <section class="where" aria-labelledby="fact-where">
          <h2 id="fact-where">Where it runs</h2>
          <Where experiment={experiment} />
          <p class="hint">{STATUS_MEANING[experiment.status]}</p>
        </section>
      </div>
      <section class="traffic" aria-labelledby="fact-traffic">
        <h2 id="fact-traffic">Traffic</h2>
        <Traffic experiment={experiment} />
      </section>
    </div>
  );
}

function Where({ experiment }: { experiment: Experiment }) {
  const { include, exclude = [] } = experiment.pages;
  return (
    <ul class="rules">
      {include.map((rule, index) => (
        <li key={index}>
          <RuleText rule={rule} />
        </li>
      ))}
      {exclude.map((rule, index) => (
        <li key={`not-${index}`} class="rule-not">
          but not <RuleText rule={rule} />
        </li>
      ))}
    </ul>
  );
}

function Traffic({ experiment }: { experiment: Experiment }) {
  const { variants, coverage } = experiment;
  return (
    <>
      <p>
        <strong>{percent(coverage)} of visitors</strong> take part
        {coverage < 10_000 && '; the others see the site as it is'}.
      </p>
      <Limits experiment={experiment} />
      <Split variants={variants} />
      <ul class="legend">
        {variants.map((variant, index) => (
          <li key={variant.key}>
            <Letter index={index} /> {variant.name} <b>{percent(variant.weight)}</b>
          </li>
        ))}
      </ul>
      <details class="more">
        <summary>Bucket ranges</summary>
        <p class="hint">
          Every visitor has a bucket from 0 to 9,999 in this experiment, and keeps it. These buckets
          belong to the variants:
        </p>
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Variant</th>
              <th scope="col">Buckets</th>
              <th scope="col" class="numeric">
                Of all visitors
              </th>
            </tr>
          </thead>
          <tbody>
            {variants.map((variant) => (
              <tr key={variant.key}>
                <th scope="row">{variant.name}</th>
                <td class="numbers">{ranges(variant.allocation)}</td>
                <td class="numeric">{percent(width(variant.allocation))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}

/** That there is more to who takes part; the decision below the preview says what it means for one visitor. */
function Limits({ experiment }: { experiment: Experiment }) {
  const { audience, schedule, layer, variants } = experiment;
  const limits = [
    ...(audience ? ['its audience'] : []),
    ...(schedule ? ['its schedule'] : []),
    ...(layer ? [`its ${percent(layer.share)} of the layer ${layer.key}`] : []),
  ];
  const stopped = variants.filter((variant) => variant.stopped).map((variant) => variant.name);
  return (
    <>
      {limits.length > 0 && <p class="hint">Of those within {list(limits)}.</p>}
      {stopped.length > 0 && (
        <p class="hint">Visitors of {list(stopped)} see the site as it is: stopped.</p>
      )}
    </>
  );
}

function width(allocation: [number, number][]): number {
  return allocation.reduce((sum, [from, to]) => sum + (to - from), 0);
}
