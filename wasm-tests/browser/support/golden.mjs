// The engine's golden cases: one corpus for every runtime.

import { existsSync, readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('../../../src/engine/tests/golden/', import.meta.url);

export function goldenCases() {
  const folders = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  return folders.map(({ name }) => {
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
