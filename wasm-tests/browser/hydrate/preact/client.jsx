import { hydrate } from 'preact';
import { readData } from '../browser.mjs';
import { App } from '../jsx/app.jsx';

hydrate(<App data={readData()} />, document.getElementById('root'));
