import { lazy } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { sayTrouble } from '../browser.mjs';
import { ProductCard } from '../jsx/app.jsx';
import { Document } from './document.jsx';

const card = lazy(async () => ({ default: ProductCard }));

hydrateRoot(document, <Document data={globalThis.data} card={card} />, {
  onRecoverableError: sayTrouble,
  onUncaughtError: sayTrouble,
});
