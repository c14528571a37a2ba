import { render as renderApp } from 'svelte/server';
import { shell } from '../data.mjs';
import App from './App.svelte';

export async function render(data, script) {
  const { body } = await renderApp(App, { props: { data } });
  return shell({ body, data, script });
}
