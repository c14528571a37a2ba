// Where two pages part, told so that a person can find the place.

/** Nothing where the bytes are equal, else the first difference and what is around it. */
export function difference(expected, actual) {
  const [left, right] = [Buffer.from(expected), Buffer.from(actual)];
  if (left.equals(right)) return null;
  let offset = 0;
  while (offset < left.length && left[offset] === right[offset]) offset += 1;
  const around = (bytes) => {
    const text = bytes.subarray(Math.max(0, offset - 60), offset + 80).toString('latin1');
    return JSON.stringify(text);
  };
  return (
    `differs from byte ${offset} on (${left.length} bytes expected, ${right.length} came)\n` +
    `  expected ${around(left)}\n  came     ${around(right)}`
  );
}
