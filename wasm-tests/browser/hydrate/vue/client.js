import { createSSRApp } from 'vue';
import { readData, sayTrouble } from '../browser.mjs';
import App from './App.vue';

const app = createSSRApp(App, { data: readData() });
app.config.errorHandler = sayTrouble;
app.mount('#root');
