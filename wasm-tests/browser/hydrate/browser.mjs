// What the browser's half of every application tells the test.

export const readData = () => JSON.parse(document.getElementById('data').textContent);

/** The application has taken the page over: its effects ran, and its handlers listen. */
export function sayHydrated() {
  globalThis.hydrated = true;
}

export function sayTrouble(error) {
  (globalThis.troubles ??= []).push(String(error?.message ?? error));
}
