// How enrolled visitors are split, as a bar that says its numbers in text as well.

import type { Variant } from '../datafile.ts';
import { letterOf } from '../datafile.ts';
import { list, percent } from '../format.ts';

export function Split({ variants, compact }: { variants: Variant[]; compact?: boolean }) {
  const words = variants.map((variant) => `${variant.name} ${percent(variant.weight)}`);
  return (
    <div class="split" role="img" aria-label={`Split: ${list(words)}`}>
      {variants.map((variant, index) =>
        variant.weight > 0 ? (
          <span
            key={variant.key}
            class={`split-part tone-${index % 10}`}
            style={{ '--share': String(variant.weight) }}
          >
            <b>{letterOf(index)}</b>
            <span>{percent(compact ? whole(variant.weight) : variant.weight)}</span>
          </span>
        ) : null,
      )}
    </div>
  );
}

/** Where there is room for whole percents only; the exact ones are in the label. */
const whole = (basisPoints: number) => Math.round(basisPoints / 100) * 100;

export function Letter({ index }: { index: number }) {
  return (
    <span class={`letter tone-${index % 10}`} aria-hidden="true">
      {letterOf(index)}
    </span>
  );
}
