// The shape of Next's app router: React owns the whole document, and a part of it streams in later.

import { Suspense, useEffect, useState } from 'react';
import { STYLES } from '../data.mjs';
import { App } from '../jsx/app.jsx';

export function Document({ data, card }) {
  const LateCard = (props) => (
    <Suspense fallback={<p className="waiting">Loading</p>}>
      <Part of={card} {...props} />
    </Suspense>
  );
  const [Late] = useState(() => LateCard);
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <title>Shop</title>
        <link rel="icon" href="data:," />
        <style>{STYLES}</style>
      </head>
      <body>
        <App data={data} card={Late} />
      </body>
    </html>
  );
}

/** The late part, which tells when it was taken over: later than the rest of the page. */
function Part({ of: Card, ...props }) {
  useEffect(() => {
    globalThis.hydratedLate = true;
  }, []);
  return <Card {...props} />;
}
