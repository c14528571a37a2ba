// The engine's golden cases, and its decisions: one corpus for every runtime.

import { existsSync, readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('../../../src/engine/tests/golden/', import.meta.url);
const DECISIONS = new URL('../../../src/engine/tests/decisions/', import.meta.url);

function foldersIn(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** The engine's corpus of decisions: lines of JSON in, lines of JSON out. */
export function decisionCases() {
  return foldersIn(DECISIONS).map((name) => {
    const text = (path) => readFileSync(new URL(`${name}/${path}`, DECISIONS), 'utf8');
    const [datafile, visits] = [text('datafile.json'), text('visits.jsonl')];
    return { name, datafile, visits, expected: text('decisions.jsonl') };
  });
}

export function goldenCases() {
  return foldersIn(FOLDER).map((name) => {
    const file = (path) => new URL(`${name}/${path}`, FOLDER);
    const json = (path) => JSON.parse(readFileSync(file(path), 'utf8'));
    const { url, visitor, content_type, csp, headers, geo } = json('visit.json');
    return {
      name,
      visitor,
      page: {
        url,
        visitor,
        ...(content_type && { content_type }),
        ...(csp && { csp }),
        ...(headers && { headers }),
        ...(geo && { geo }),
      },
      datafile: readFileSync(file('datafile.json'), 'utf8'),
      input: readFileSync(file('input.html')),
      expected: readFileSync(file('expected.html')),
      decisions: json('decisions.json'),
      report: existsSync(file('report.json')) ? json('report.json') : null,
    };
  });
}
