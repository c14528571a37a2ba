import './styles/main.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { startRouter } from './router.ts';
import { takeTokenFromAddress } from './session.ts';

takeTokenFromAddress();
// A sign-in link that is opened in this very tab changes the fragment and loads nothing.
addEventListener('hashchange', takeTokenFromAddress);
startRouter();

const root = document.getElementById('app');
if (root) render(<App />, root);
