import { renderToString } from 'preact-render-to-string';
import { shell } from '../data.mjs';
import { App } from '../jsx/app.jsx';

export const render = async (data, script) =>
  shell({ body: renderToString(<App data={data} />), data, script });
