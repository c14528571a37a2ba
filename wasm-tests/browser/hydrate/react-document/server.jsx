import { lazy } from 'react';
import { renderToPipeableStream } from 'react-dom/server';
import { Writable } from 'node:stream';
import { embed } from '../data.mjs';
import { ProductCard } from '../jsx/app.jsx';
import { Document } from './document.jsx';

/** The card comes once the rest of the page has been sent, so the bytes are the same every time. */
export function render(data, script) {
  let arrive;
  const arrived = new Promise((resolve) => (arrive = resolve));
  const card = lazy(() => arrived.then(() => ({ default: ProductCard })));
  return new Promise((resolve, reject) => {
    const parts = [];
    const page = new Writable({
      write(part, _encoding, done) {
        parts.push(part);
        arrive();
        done();
      },
      final(done) {
        done();
        resolve(Buffer.concat(parts).toString());
      },
    });
    const { pipe } = renderToPipeableStream(<Document data={data} card={card} />, {
      bootstrapScriptContent: `self.data=${embed(data)}`,
      bootstrapModules: [script],
      onShellReady: () => pipe(page),
      onError: reject,
    });
  });
}
