// What a browser makes of pages and changes. The one function here is sent to the browser as it
// stands, so everything it needs is inside of it.

/**
 * For each case the DOM that is wanted, the original changed by DOM calls, and the one that came,
 * both as text. `ended` is the one that came had the element in front of the changed one had an end
 * tag; `matches` is how many elements there were to change.
 */
export function judge(cases) {
  return cases.map(({ change, input, output }) => {
    const page = parse(input);
    const elements = [...page.querySelectorAll(change.selector)];
    const previous = elements[0]?.previousElementSibling?.localName;
    for (const element of elements) apply(change, element);
    const [wanted, got] = [text(page), text(parse(output))];
    const ended = wanted !== got && previous && text(parse(endBefore(previous)));
    return { matches: elements.length, wanted, got, ended };

    /** The output with an end tag where the changed element begins in the input. */
    function endBefore(name) {
      const mark = change.selector.slice(1, -1).replaceAll('"', '');
      const place = input.lastIndexOf('<', input.search(new RegExp(`${mark}\\b`)));
      return `${output.slice(0, place)}</${name}>${output.slice(place)}`;
    }
  });

  function parse(html) {
    return new DOMParser().parseFromString(html, 'text/html');
  }

  function apply({ text, html, remove, attribute, class: classes, insert }, element) {
    if (text !== undefined) element.textContent = text;
    if (html !== undefined) element.innerHTML = html;
    if (remove) element.remove();
    for (const [name, value] of Object.entries(attribute ?? {})) {
      if (value === null) element.removeAttribute(name);
      else element.setAttribute(name, value);
    }
    if (classes) {
      element.classList.remove(...classes.remove);
      element.classList.add(...classes.add);
    }
    const places = {
      before: 'beforebegin',
      prepend: 'afterbegin',
      append: 'beforeend',
      after: 'afterend',
    };
    for (const [place, inserted] of Object.entries(insert ?? {})) {
      element.insertAdjacentHTML(places[place], inserted);
    }
  }

  /** A page as text: neighbouring texts are one, attributes come in order. */
  function text(page) {
    // The parser itself makes such a one around rows. They have gone since, and no page can say that.
    for (const section of page.querySelectorAll('tbody:not([data-i]):not(:has(*))')) {
      section.replaceWith(...section.childNodes);
    }
    page.normalize();
    return write(page);
  }

  function write(node) {
    switch (node.nodeType) {
      case Node.TEXT_NODE:
        return JSON.stringify(node.data);
      case Node.COMMENT_NODE:
        return `<!--${node.data}-->`;
      case Node.DOCUMENT_TYPE_NODE:
        return '<!doctype>';
    }
    const children = Array.from(node.childNodes, write).join('');
    if (node.nodeType === Node.DOCUMENT_NODE) return children;
    const attributes = Array.from(
      node.attributes,
      ({ name, value }) => ` ${name}=${JSON.stringify(value)}`,
    );
    return `<${node.localName}${attributes.sort().join('')}>(${children})`;
  }
}
