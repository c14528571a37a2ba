import { createSSRApp } from 'vue';
import { renderToString } from 'vue/server-renderer';
import { shell } from '../data.mjs';
import App from './App.vue';

export const render = async (data, script) =>
  shell({ body: await renderToString(createSSRApp(App, { data })), data, script });
