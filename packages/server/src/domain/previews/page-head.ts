/**
 * What the head of a page says of it. Not a parser of HTML: it walks over the text once, from tag to tag, and looks back at nothing,
 * so that no page makes it slow. Whatever it takes is text, and stays text.
 */

export interface PageHead {
  /** As they stand in the markup. */
  readonly title?: string;
  readonly description?: string;
  readonly image?: string;
}

/** Properties of Open Graph (https://ogp.me) that are taken; the first of each. */
const PROPERTIES = { 'og:title': 'title', 'og:description': 'description', 'og:image': 'image' } as const;
/** Elements that hold no markup, or another page's. */
const OPAQUE: ReadonlySet<string> = new Set(['script', 'style', 'noscript', 'template', 'svg', 'textarea', 'iframe']);
const LETTER = /[a-z]/;
const NAME_END = /[\s/>]/;
/** A tag has few attributes. */
const ATTRIBUTES_MAX = 50;

/** @param html its beginning; what is behind the head is not looked at */
export function readHead(html: string): PageHead {
  // Of the same length: only ASCII letters change.
  const lower = html.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  const found: { title?: string; description?: string; image?: string } = {};
  let titleElement: string | undefined;
  let at = lower.indexOf('<');
  while (at >= 0) {
    let next = at + 1;
    if (lower.startsWith('<!--', at)) next = endOf(lower, '-->', at + 4);
    else if (LETTER.test(lower[next] ?? '')) {
      const tag = readTag(html, lower, next);
      next = tag.end;
      if (tag.name === 'body') break;
      if (tag.name === 'meta') takeMeta(found, tag.attributes);
      if (tag.name === 'title') {
        const end = lower.indexOf('</title', next);
        titleElement ??= html.slice(next, end < 0 ? html.length : end);
        next = end < 0 ? html.length : end;
      } else if (OPAQUE.has(tag.name)) next = endOf(lower, `</${tag.name}`, next);
    } else if (lower.startsWith('</head', at)) break;
    at = lower.indexOf('<', next);
  }
  return { ...(titleElement === undefined ? {} : { title: titleElement }), ...found };
}

/** Behind the next place where a text stands; the end when it stands nowhere. */
function endOf(lower: string, text: string, from: number): number {
  const found = lower.indexOf(text, from);
  return found < 0 ? lower.length : found + text.length;
}

function takeMeta(found: { title?: string; description?: string; image?: string }, attributes: ReadonlyMap<string, string>): void {
  const property = (attributes.get('property') ?? attributes.get('name') ?? '').toLowerCase();
  const content = attributes.get('content');
  if (content === undefined || !Object.hasOwn(PROPERTIES, property)) return;
  found[PROPERTIES[property as keyof typeof PROPERTIES]] ??= content;
}

interface Tag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Behind its `>`. */
  readonly end: number;
}

/** @param from where its name begins */
function readTag(html: string, lower: string, from: number): Tag {
  let at = nameEnd(lower, from);
  const name = lower.slice(from, at);
  const attributes = new Map<string, string>();
  while (at < html.length && html[at] !== '>') {
    if (/[\s/]/.test(html[at]!)) {
      at += 1;
      continue;
    }
    const begin = at;
    while (at < html.length && (at === begin || html[at] !== '=') && !NAME_END.test(html[at]!)) at += 1;
    const key = lower.slice(begin, at);
    at = skipSpace(html, at);
    let value = '';
    if (html[at] === '=') ({ value, at } = readValue(html, skipSpace(html, at + 1)));
    if (attributes.size < ATTRIBUTES_MAX && !attributes.has(key)) attributes.set(key, value);
  }
  return { name, attributes, end: Math.min(at + 1, html.length) };
}

function readValue(html: string, from: number): { value: string; at: number } {
  const quote = html[from];
  if (quote === '"' || quote === "'") {
    const close = html.indexOf(quote, from + 1);
    const end = close < 0 ? html.length : close;
    return { value: html.slice(from + 1, end), at: Math.min(end + 1, html.length) };
  }
  let at = from;
  while (at < html.length && !/[\s>]/.test(html[at]!)) at += 1;
  return { value: html.slice(from, at), at };
}

function nameEnd(lower: string, from: number): number {
  let at = from;
  while (at < lower.length && !NAME_END.test(lower[at]!)) at += 1;
  return at;
}

function skipSpace(html: string, from: number): number {
  let at = from;
  while (at < html.length && /\s/.test(html[at]!)) at += 1;
  return at;
}
