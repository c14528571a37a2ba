// One page and the same page with a word put in: what Edgewise does, drawn.

export function Art() {
  return (
    <svg class="signin-art" viewBox="0 0 640 300" aria-hidden="true" focusable="false">
      <g class="art-page">
        <rect x="1" y="24" width="380" height="340" rx="14" />
        <path class="art-faint" d="M30 56h44M270 56h26M312 56h38" />
        <path class="art-line" d="M30 112h196M30 146h128" />
        <path class="art-faint" d="M30 188h236M30 210h208M30 232h150" />
        <rect class="art-button" x="30" y="256" width="104" height="30" rx="8" />
      </g>
      <g class="art-page art-front">
        <rect x="226" y="70" width="380" height="300" rx="14" />
        <path class="art-faint" d="M256 102h44M496 102h26M538 102h38" />
        <path class="art-line" d="M256 158h84M476 158h84M256 192h96" />
        <path class="art-word" d="M364 158h88" />
        <path class="art-caret" d="m396 192 12-15 12 15" />
        <path class="art-faint" d="M256 234h236M256 256h208" />
        <rect class="art-button art-word-fill" x="256" y="278" width="132" height="30" rx="8" />
      </g>
    </svg>
  );
}
