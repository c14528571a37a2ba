import { hydrateRoot } from 'react-dom/client';
import { readData, sayTrouble } from '../browser.mjs';
import { App } from '../jsx/app.jsx';

hydrateRoot(document.getElementById('root'), <App data={readData()} />, {
  onRecoverableError: sayTrouble,
  onUncaughtError: sayTrouble,
});
