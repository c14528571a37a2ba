// What people and programs really write besides plain tags: every form that the tokenizer of the HTML
// standard has a rule of its own for.

export const COMMENTS = [
  ...['<!-- c -->', '<!-- <p> -->', '<!---->', '<!-->', '<!--->', '<!-- a --!>', '<!--a--b-->'],
  ...['<!--<!-- a -->', '<!--a--->', '<!-- > -->', '<!--\0-->', '<!x>', '<!>', '<?x y?>', '<?>'],
  ...['</ x>', '</1>', '</>', '<![CDATA[x]]>', '<![CDATA[x<b>y]]>', '<!DOCTYPE html>', '<!-a>'],
  ...['<!--[if IE]><p><![endif]-->', '<!--\r\n-->', '<!--a--!b-->', '<!--<!-->', '<!--<!--->'],
];

/** Comments that the standard allows. */
export const GOOD_COMMENTS = [
  '<!-- c -->',
  '<!-- <p> -->',
  '<!---->',
  '<!--[if IE]><b><![endif]-->',
];

const QUIRKS = [
  ...['', '<!DOCTYPE>', '<!doctype x>', '<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">'],
  ...['<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">', '<!doctype html bogus>'],
  ...['<!DOCTYPE html SYSTEM "http://www.ibm.com/data/dtd/v11/ibmxhtml1-transitional.dtd">'],
  ...['<!doctype html public>', '<!doctype html public "', '<!DOCTYPE html PUBLIC "html">'],
];
const LIMITED = [
  '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">',
  '<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01 Frameset//EN" "http://www.w3.org/TR/html4/frameset.dtd">',
];
const STANDARD = [
  ...['<!DOCTYPE html>', '<!DocType HTML >', "<!doctype html SYSTEM 'about:legacy-compat'>"],
  '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">',
];

/** Any doctype or none; most pages have the short one. */
export function oddDoctype(dice) {
  if (dice.chance(0.5)) return '<!doctype html>';
  return dice.pick(dice.pick([QUIRKS, QUIRKS, LIMITED, STANDARD]));
}

export const TEXTS = ['words', 'a &amp; b', 'x ', '\n', 'é', 'more old words', ' ', 'old  words'];

export const ODD_TEXTS = [
  ...[
    'a < b',
    '<3',
    '<',
    'a\0b',
    '\0',
    'x\r\ny',
    '\r',
    '\t\f ',
    '&amp',
    '&notit;',
    '&#0;',
    '&#x80;',
  ],
  ...['&lt', '&', '&#', 'a&b=c', ']]>', '<>', '&nosuch;', '\u{1F600}', '&NotEqualTilde;', '</'],
  ...['old<!-- c -->words', '\u00a0', '&nbsp;', '\v', '\u0085', '>', '-->', '"', '<\n', '<=p>'],
];

export const ATTRIBUTES = [
  ...[' class=a', ' id=x', ' title="t > t"', ' href="/p?a=1&amp;b=2"', ' class="a b"', ' id=y'],
  ...[' title=\'say "x"\'', ' hidden', ' lang=en-GB', ' class="c  a\nb"', ' href=#x', ' dir=RTL'],
];

export const ODD_ATTRIBUTES = [
  ...[' CLASS=B', ' id="x" id=y', ' a/b', " title='t > t'", ' href="/p?a=1&b=2&amp"', ' x='],
  ...[
    ' ="z"',
    ' a"b=c',
    ' title="a\r\nb\0"',
    ' a=b/',
    '/ class=c',
    ' data-x=&lt;p',
    '\nclass\n=\n"a b"',
  ],
  ...[' \0a=b', ' class', ' class=""', " id='x'class=a", ' title=a&notit;b', ' title="&not=x&lt"'],
  ...[
    '/',
    ' /',
    ' title=a"b\'c<d=e`f',
    ' <b',
    ' a=1 a=2 A=3',
    ' Xlink:Href=x',
    ' viewbox=v',
    "  '",
  ],
  ...[' title=&quot;&#39;', ' é=é', ' type=hidden', ' type=HIDDEN', ' definitionurl=x', ' xmlns=x'],
  ...[' encoding=text/html', ' color=red', ' size=1', ' face=x', ' =', ' selected', ' name=n'],
];

/** Elements whose content the tokenizer does not read as tags. */
export const RAW = [
  ...['iframe', 'noembed', 'noframes', 'noscript', 'script', 'style', 'textarea', 'title', 'xmp'],
];

const RAW_TEXTS = [
  ...['raw', 'a<b', '<p>', '</p>', '<!-- -->', '&amp;', '\n\n', '<!--', '-->', 'a\0b', '</x', ' '],
  ...['<b data-i=0>', '</', '&notit;', 'old words', '\r\n', '<![CDATA[', '</scriptx>', '</ style>'],
];
const SCRIPTS = [
  ...[
    'var a = "</b>";',
    '<!-- <script> </script> -->',
    '<!--<script>-->',
    '<!--',
    'if (a < b) c();',
  ],
  ...['<!--<script </script>', '<!-- x', '<script>', '<!--<script></script -->', '"<\\/script>"'],
];

/** What may stand in an element like that, false ends included. */
export function rawText(dice, name) {
  const parts = [dice.pick(RAW_TEXTS)];
  if (dice.chance(0.4)) parts.push(dice.pick(name === 'script' ? SCRIPTS : RAW_TEXTS));
  if (dice.chance(0.2)) parts.push(`</${name}x>`);
  if (dice.chance(0.1)) parts.push(`</${dice.pick(RAW)} `);
  return parts.join('');
}

/** What may stand there in a page that is well written. */
export function goodRawText(dice, name) {
  if (name === 'script') return dice.pick(['var a = "<b>";', 'if (a < b) c();', '']);
  if (name === 'style') return dice.pick(['p > b { top: 0 }', '']);
  return dice.pick(['te<xt', 'raw', 'a &amp; b', '<p>', '']);
}

/** An end tag, in any spelling. */
export function oddEnd(dice, name) {
  const wild = name.replace(/^./, (letter) => letter.toUpperCase());
  return dice.pick([
    ...[`</${name} >`, `</${name}/>`, `</${name} class=x>`, `</${name}\n>`, `</${wild}>`],
    `</${name.toUpperCase()}>`,
  ]);
}
