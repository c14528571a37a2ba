// Where the app is. The History API under /_edgewise/ and one click listener; no library needed.

import { computed, signal } from '@preact/signals';
import { BASE, routeOf, withQuery } from './route.ts';

const address = signal({ path: location.pathname, search: location.search });

export const route = computed(() => routeOf(address.value.path));
export const query = computed(() => new URLSearchParams(address.value.search));

export function navigate(to: string): void {
  history.pushState(null, '', to);
  read();
  scrollTo(0, 0);
}

/** Keeps filters and the like in the address without a new step in the history for each letter typed. */
export function setQuery(values: Record<string, string | null>): void {
  const search = withQuery(location.search, values);
  history.replaceState(null, '', location.pathname + search);
  read();
}

export function startRouter(): void {
  addEventListener('popstate', read);
  document.addEventListener('click', (event) => {
    // Everything but a plain click (new tab, download, another button) is the browser's business.
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.('a');
    if (!link || link.target || link.hasAttribute('download')) return;
    const to = new URL(link.href, location.href);
    if (to.origin !== location.origin || !to.pathname.startsWith(BASE)) return;
    if (to.hash) return;
    event.preventDefault();
    if (to.href !== location.href) navigate(to.pathname + to.search);
  });
}

function read(): void {
  address.value = { path: location.pathname, search: location.search };
}
