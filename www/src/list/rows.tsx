// One row an experiment. A real table, with its roles spelt out because small screens lay the rows
// out as cards, and some browsers drop the roles of a table that is not laid out as one.

import { countChanges } from '../datafile.ts';
import type { Experiment } from '../datafile.ts';
import { count, hypothesisParts, percent } from '../format.ts';
import { experimentPath } from '../route.ts';
import { RuleText } from '../ui/rule.tsx';
import { Split } from '../ui/split.tsx';
import { StatusChip } from '../ui/status.tsx';

const COLUMNS = ['Experiment', 'Status', 'Runs on', 'Traffic', 'Variants'];

export function Rows({ experiments }: { experiments: Experiment[] }) {
  return (
    <table class="rows" role="table" aria-label="Experiments" onKeyDown={moveByArrows}>
      <Head />
      <tbody role="rowgroup">
        {experiments.map((experiment) => (
          <Row key={experiment.key} experiment={experiment} />
        ))}
      </tbody>
    </table>
  );
}

function Head() {
  return (
    <thead role="rowgroup">
      <tr role="row">
        {COLUMNS.map((column) => (
          <th key={column} role="columnheader" scope="col">
            {column}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function Row({ experiment }: { experiment: Experiment }) {
  const parts = hypothesisParts(experiment.hypothesis);
  const { include, exclude } = experiment.pages;
  const [rule, ...others] = include;
  return (
    <tr role="row" class="row">
      <th role="rowheader" scope="row" class="cell-name">
        <a class="row-link" href={experimentPath(experiment.key)}>
          {experiment.name}
        </a>
        <p class="row-hypothesis">
          {parts
            ? `We believe ${parts.we_believe} will cause ${parts.will_cause}.`
            : `Taken over from ${experiment.hypothesis.imported_from}, without a hypothesis.`}
        </p>
      </th>
      <td role="cell" class="cell-status">
        <StatusChip status={experiment.status} />
      </td>
      <td role="cell" class="cell-pages">
        {rule && <RuleText rule={rule} />}
        {others.length > 0 && <span class="hint"> and {count(others.length, 'more rule')}</span>}
        {exclude?.[0] && (
          <span class="hint">
            {' '}
            but not{' '}
            {exclude.length === 1 ? <RuleText rule={exclude[0]} /> : count(exclude.length, 'rule')}
          </span>
        )}
      </td>
      <td role="cell" class="cell-traffic">
        <span>{percent(experiment.coverage)} of visitors</span>
        <Split variants={experiment.variants} compact />
      </td>
      <td role="cell" class="cell-variants">
        <span>{count(experiment.variants.length, 'variant')}</span>
        <span class="hint">{count(countChanges(experiment), 'change')}</span>
      </td>
    </tr>
  );
}

/** The layout of what is to come, once waiting has become noticeable. */
export function SkeletonRows() {
  return (
    <table class="rows skeleton" aria-hidden="true">
      <tbody>
        {[0, 1, 2].map((row) => (
          <tr class="row" key={row}>
            <td class="cell-name">
              <i class="bone bone-title" />
              <i class="bone" />
            </td>
            <td class="cell-status">
              <i class="bone bone-chip" />
            </td>
            <td class="cell-pages">
              <i class="bone" />
            </td>
            <td class="cell-traffic">
              <i class="bone" />
            </td>
            <td class="cell-variants">
              <i class="bone" />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function moveByArrows(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const table = event.currentTarget as HTMLElement;
  const links = [...table.querySelectorAll<HTMLAnchorElement>('.row-link')];
  const next = links[links.indexOf(document.activeElement as HTMLAnchorElement) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
