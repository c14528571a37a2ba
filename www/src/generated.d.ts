// The engine package is built from src/browser and not committed. This lets `npm run check` pass
// without it; engine.ts gives its functions their precise types either way.
declare module '*/engine/edgewise_browser.js' {
  const init: (options: { module_or_path: string }) => Promise<unknown>;
  export default init;
  export const decide: (datafile: string, visit: unknown) => unknown;
  export const render: (datafile: string, page: unknown, html: Uint8Array) => unknown;
  export const describe: (datafile: string) => unknown;
  export const new_visitor: () => string;
}
