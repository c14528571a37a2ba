// The engines that can be judged, all asked in the same way: pages with changes go in, and for each comes
// `{ html, matched, skipped }`, or why there is no such answer (`invalid`, `passed`, `fault`).

import { loadEngine } from './engine.mjs';
import { Program } from './program.mjs';

const ADDRESS = 'https://example.com/';
const TYPE = 'text/html; charset=utf-8';

/** The browser module. */
export async function moduleEngine() {
  const engine = await loadEngine();
  return { answer: (cases) => cases.map((one) => render(engine, one)), stop() {} };
}

/** A program that gives such answers as JSON lines. */
export function programEngine(path) {
  const program = new Program(path);
  return {
    answer: (cases) => program.ask(cases.map(({ html, changes }) => ({ html, changes }))),
    stop: () => program.stop(),
  };
}

function render(engine, { html, changes }) {
  const { problems, datafile } = engine.validate(draft(changes));
  if (!datafile) return { invalid: problems.find(({ severity }) => severity === 'error').code };
  const visit = { url: ADDRESS, content_type: TYPE, variants: { x: 'b' } };
  const rendered = engine.render(JSON.stringify(datafile), visit, Buffer.from(html));
  const reports = rendered.experiments[0]?.changes ?? [];
  const skipped = reports.flatMap(({ skipped: reasons }, change) =>
    reasons.map(({ reason }) => ({ change, reason })),
  );
  return {
    html: Buffer.from(rendered.html).toString(),
    matched: reports.map(({ matched }) => matched),
    doubted: reports.map(({ in_doubt: doubted }) => doubted),
    ...{ skipped, passed: rendered.passed },
  };
}

function draft(changes) {
  const experiment = {
    key: 'x',
    name: 'X',
    status: 'running',
    hypothesis: {
      we_believe: 'any change at all',
      will_cause: 'what the DOM would do',
      because: 'the standard says so',
    },
    pages: { include: [{ exact: '/' }] },
    variants: [
      { key: 'control', name: 'Control', weight: 5000 },
      { key: 'b', name: 'B', weight: 5000, changes },
    ],
  };
  return JSON.stringify({ experiments: [experiment] });
}
