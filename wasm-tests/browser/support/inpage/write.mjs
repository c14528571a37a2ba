// A DOM as text, so that two can be compared and a difference can be read.

export function installWrite() {
  const { isTemplate, prefix } = window.edgewise;

  /** All that a script could find; neighbouring texts are one, and attributes come in order. */
  function write(node, style) {
    switch (node.nodeType) {
      case Node.TEXT_NODE:
        return JSON.stringify(node.data);
      case Node.CDATA_SECTION_NODE:
        return `<![CDATA[${node.data}]]>`;
      case Node.COMMENT_NODE:
        return `<!--${node.data}-->`;
      case Node.PROCESSING_INSTRUCTION_NODE:
        return `<?${node.target} ${node.data}?>`;
      case Node.DOCUMENT_TYPE_NODE:
        return `<!doctype ${node.name} ${JSON.stringify([node.publicId, node.systemId])}>`;
      case Node.DOCUMENT_NODE:
        node.normalize();
        return `${node.compatMode === 'BackCompat' ? 'quirks ' : ''}${children(node, style)}`;
      case Node.DOCUMENT_FRAGMENT_NODE:
        node.normalize();
        return children(node, style);
      default:
        return element(node, style);
    }
  }

  const children = (node, style) => {
    let text = '';
    for (let child = node.firstChild; child; child = child.nextSibling) text += write(child, style);
    return text;
  };

  function element(node, style) {
    const content = isTemplate(node) ? `[${write(node.content, style)}]` : '';
    const shadow = node.shadowRoot ? `#shadow[${write(node.shadowRoot, style)}]` : '';
    const name = prefix(node) + node.localName;
    return `<${name}${attributes(node, style)}>${content}${shadow}(${children(node, style)})`;
  }

  function attributes(node, style) {
    if (node.attributes.length === 0) return '';
    const each = Array.from(node.attributes, ({ name, namespaceURI, value }) => {
      const said = style && name === 'style' ? declarations(node.style) : value;
      return ` ${namespaceURI ? `{${namespaceURI}}` : ''}${name}=${JSON.stringify(said)}`;
    });
    return each.sort().join('');
  }

  /** A style that was changed is compared by what it says, not by how or in which order. */
  function declarations(style) {
    const each = Array.from(style, (name) => {
      const important = style.getPropertyPriority(name) ? ' !important' : '';
      return `${name}: ${style.getPropertyValue(name)}${important}`;
    });
    return each.sort().join('; ');
  }

  const written = (pages) => pages.map((html) => write(window.edgewise.load(html)));

  Object.assign(window.edgewise, { write, written });
}
