// Whether a rewritten page is the original with the same changes made by DOM calls.

export function installVerdict() {
  const { change, load, needsFrame, spend, write } = window.edgewise;

  /**
   * For each case how many elements each change was `meant` for and, as its `outcome`, whether the page
   * that came is the one that was wanted; both as text only where they differ.
   */
  function verdicts(cases) {
    return cases.map((one) => {
      const { meant, wanted, got } = compare(one, one.input, one.output);
      if (wanted === got) return { meant, outcome: 'equal' };
      const spaceless = compare(one, withoutLastSpace(one.input), withoutLastSpace(one.output));
      if (spaceless.wanted === spaceless.got) {
        return { meant, outcome: 'equal but for white space behind the body' };
      }
      return { meant, outcome: 'different', wanted, got };
    });
  }

  function compare({ changes }, input, output) {
    // Inserted HTML is read as the page it is put in: with scripting, or without.
    const framed = [input, output, JSON.stringify(changes)].some(needsFrame);
    const style = changes.some((one) => one.style || one.hide);
    const got = write(load(output, framed), style);
    const page = load(input, framed);
    spend(page);
    const meant = change(page, changes);
    return { meant, wanted: write(page, style), got };
  }

  /** The parser moves white space that stands behind the body to its end, past what is put there. */
  function withoutLastSpace(html) {
    return html.replace(/(<\/(?:body|html)\b[^>]*>)[\t\n\f\r ]+/gi, '$1');
  }

  Object.assign(window.edgewise, { verdicts });
}
