import { hydrate } from 'svelte';
import { readData } from '../browser.mjs';
import App from './App.svelte';

hydrate(App, { target: document.getElementById('root'), props: { data: readData() } });
