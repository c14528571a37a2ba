// One small set of icons, drawn on a 16 px grid. Inline, so that they take the colour of the text.

import type { ComponentChildren } from 'preact';

const draw = (children: ComponentChildren) =>
  function Icon() {
    return (
      <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
        {children}
      </svg>
    );
  };

export const Running = draw(
  <>
    <circle cx="8" cy="8" r="6.25" />
    <path class="solid" d="M6.6 5.3v5.4L10.9 8z" />
  </>,
);
export const Paused = draw(
  <>
    <circle cx="8" cy="8" r="6.25" />
    <path d="M6.5 5.75v4.5M9.5 5.75v4.5" />
  </>,
);
export const Draft = draw(<circle cx="8" cy="8" r="6.25" stroke-dasharray="2.2 2.2" />);
export const Stopped = draw(
  <>
    <circle cx="8" cy="8" r="6.25" />
    <rect class="solid" x="5.75" y="5.75" width="4.5" height="4.5" rx="0.5" />
  </>,
);
export const Check = draw(<path d="m3 8.6 3.2 3.2L13 4.7" />);
export const Warning = draw(
  <>
    <path d="M8 2.2 14.4 13.4H1.6z" />
    <path d="M8 6.4v3.2M8 11.4v.1" />
  </>,
);
export const Dash = draw(<path d="M3.5 8h9" />);
export const Search = draw(
  <>
    <circle cx="7" cy="7" r="4.5" />
    <path d="m10.4 10.4 3.4 3.4" />
  </>,
);
export const Refresh = draw(
  <path d="M13.2 6.6A5.5 5.5 0 0 0 3.4 5M2.8 9.4A5.5 5.5 0 0 0 12.6 11M3.2 1.9V5h3.1M12.8 14.1V11H9.7" />,
);
export const Back = draw(<path d="M9.8 3 4.8 8l5 5" />);
export const Desktop = draw(<path d="M2 3h12v8H2zM6 13.5h4M8 11v2.5" />);
export const Phone = draw(
  <>
    <rect x="4.5" y="1.75" width="7" height="12.5" rx="1.5" />
    <path d="M7.2 12.1h1.6" />
  </>,
);
export const Copy = draw(
  <>
    <rect x="5.5" y="5.5" width="8" height="8" rx="1.25" />
    <path d="M10.5 5.5v-2a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2" />
  </>,
);
export const Open = draw(<path d="M6.5 3.5H3v9.5h9.5V9.5M9 2.5h4.5V7M13.2 2.8 7.5 8.5" />);
export const Shuffle = draw(
  <path d="M2 4.5h2.2c3.6 0 3.9 7 7.4 7H14M2 11.5h2.2c1.3 0 2.2-.9 2.8-2M9 6.5c.6-1.1 1.4-2 2.6-2H14M12 2.5l2 2-2 2M12 9.5l2 2-2 2" />,
);
export const Link = draw(
  <path d="M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.3-2.3a2.6 2.6 0 0 0-3.7-3.7L8.2 4M9.2 6.8a2.6 2.6 0 0 0-3.7 0L3.2 9.1a2.6 2.6 0 0 0 3.7 3.7L7.8 12" />,
);

/** Two lines of text and a proofreader's caret: a word that gets in edgewise. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect class="mark-ground" width="32" height="32" rx="8" />
      <path class="mark-line" d="M7 10.5h6M19 10.5h6M7 21.5h18" />
      <path class="mark-caret" d="m11.4 21.5 4.6-11 4.6 11" />
    </svg>
  );
}
