// Bytes of a page to text, the way a browser would read them.

/** The charset named by the content type, else by the first kilobyte of the page, else UTF-8. */
export function charsetOf(contentType: string | null, bytes: Uint8Array): string {
  const header = /charset\s*=\s*"?([^\s;"]+)/i.exec(contentType ?? '')?.[1];
  if (header) return header.toLowerCase();
  let start = '';
  for (const byte of bytes.subarray(0, 1024)) start += String.fromCharCode(byte);
  const meta = /<meta[^>]+charset\s*=\s*["']?\s*([^\s"'/>;]+)/i.exec(start)?.[1];
  return meta?.toLowerCase() ?? 'utf-8';
}

export function decodeHtml(contentType: string | null, bytes: Uint8Array): string {
  const charset = charsetOf(contentType, bytes);
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    // A charset nobody knows: browsers fall back as well, and a wrong letter beats no page.
    return new TextDecoder('utf-8').decode(bytes);
  }
}

export function isHtml(contentType: string | null): boolean {
  return /^\s*(text\/html|application\/xhtml\+xml)\b/i.test(contentType ?? '');
}
