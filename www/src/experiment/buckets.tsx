// All ten thousand buckets on a line, whose they are, and where one visitor stands.

import { BUCKETS, letterOf } from '../datafile.ts';
import type { Variant } from '../datafile.ts';
import { list, number, ranges } from '../format.ts';

export function Buckets({ variants, bucket }: { variants: Variant[]; bucket: number }) {
  const words = variants.map((variant) => `${variant.name} ${ranges(variant.allocation)}`);
  return (
    <div
      class="buckets"
      role="img"
      aria-label={`The visitor is in bucket ${number(bucket)}. Buckets: ${list(words)}.`}
      style={{ '--at': String(bucket / BUCKETS) }}
    >
      <div class="buckets-line">
        {variants.flatMap((variant, index) =>
          variant.allocation.map(([from, to]) => (
            <span
              key={`${variant.key}-${from}`}
              class={`buckets-part tone-${index % 10}`}
              style={{ '--from': String(from / BUCKETS), '--share': String((to - from) / BUCKETS) }}
            >
              {to - from >= 300 && letterOf(index)}
            </span>
          )),
        )}
      </div>
      <div class="buckets-mark">
        <b>{number(bucket)}</b>
      </div>
      <div class="buckets-scale">
        <span>0</span>
        <span>9,999</span>
      </div>
    </div>
  );
}
