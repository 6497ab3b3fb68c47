/** What is taken of texts and pages, without a network. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linksIn } from '../../../src/domain/previews/links.js';
import { readHead } from '../../../src/domain/previews/page-head.js';
import { decodeEntities, plainText } from '../../../src/domain/previews/plain-text.js';

describe('links of a text', () => {
  it.each<[string, readonly string[]]>([
    ['none', []],
    ['see https://a.example/x?y=1#z.', ['https://a.example/x?y=1#z']],
    ['(https://a.example/b) and HTTP://B.example!', ['https://a.example/b', 'HTTP://B.example']],
    ['https://a.example/b_(c)', ['https://a.example/b_(c)']],
    ['<https://a.example/>"https://b.example/"', ['https://a.example/', 'https://b.example/']],
    ['https://a.example/ https://a.example https://a.example/#part', ['https://a.example/']],
    ['https://1.example https://2.example https://3.example https://4.example', ['https://1.example', 'https://2.example', 'https://3.example']],
    ['https://user:password@a.example/ ftp://a.example/ https:// javascript:alert(1) https://[', []],
    [`https://a.example/${'x'.repeat(2_048)}`, []],
    ['xhttps://a.example/', []],
  ])('%s', (text, links) => {
    expect(linksIn(text)).toEqual(links);
  });

  it('are few, and found in time that grows with the text', () => {
    expect(linksIn(`${'https://a:b@c.example '.repeat(20)}https://late.example`)).toEqual([]);
    expect(linksIn(`https://a.example/${'.'.repeat(200_000)}`)).toEqual(['https://a.example/']);
  });
});

describe('the head of a page', () => {
  it.each<[string, string, object]>([
    ['its title', '<html><head><title>One</title>', { title: 'One' }],
    ['Open Graph before the title', '<title>One</title><meta property="og:title" content="Two"><meta property=og:image content=/a.png>', { title: 'Two', image: '/a.png' }],
    ['the first of each', '<META NAME=\'OG:Title\' CONTENT=\'A\'><meta property="og:title" content="B"><meta content="d" property="og:description"/>', { title: 'A', description: 'd' }],
    ['nothing of comments and scripts', '<!-- <title>a</title> --><script>"<title>b</title>"</script><style><title>c</title></style><svg><title>e</title></svg><title>d</title>', { title: 'd' }],
    ['markup in a title as text', '<title><script>alert(1)</script> & <b></title>', { title: '<script>alert(1)</script> & <b>' }],
    ['nothing behind the head', '<head></head><meta property="og:title" content="late">', {}],
    ['nothing of the body', '<body><title>late</title>', {}],
    ['what was cut', '<title>half', { title: 'half' }],
    ['an attribute that was cut', '<meta property="og:title" content="half', { title: 'half' }],
    ['nothing of a name alone', '<meta property="og:title"><meta property="__proto__" content="x"><meta property="constructor" content="x">', {}],
    ['nothing of no page', 'plain < text > & more', {}],
  ])('%s', (_, html, head) => {
    expect(readHead(html)).toEqual(head);
  });

  it.each<[string, string]>([
    ['tags', '<'], ['open tags', '<a '], ['comments', '<!--'], ['titles', '<title>'], ['scripts', '<script '], ['quotes', '<meta content="'], ['attributes', '<meta a=b c'], ['equals', '<meta ='], ['capitals', 'A<B'],
  ])('[BAD link.markup] is walked over once: 256 KiB of %s', (_, piece) => {
    const html = piece.repeat(Math.ceil(262_144 / piece.length));
    // Whatever looked back at all of it from each piece would not come to an end here.
    expect(Object.keys(readHead(html)).filter((key) => key !== 'title')).toEqual([]);
  });

  it('is read of anything', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom('<', '>', '"', "'", '=', '/', ' ', '!--', '-->', 'meta', 'title', 'property', 'og:title', 'content', 'script', 'body', 'head', 'x', '\u0000', 'İ'), { maxLength: 60 }), (pieces) => {
      const html = pieces.join('');
      for (const value of Object.values(readHead(html)) as string[]) expect(html).toContain(value);
    }), { numRuns: 2_000 });
  });
});

describe('text of a page', () => {
  it.each<[string, string | undefined]>([
    ['a &amp; b &lt;c&gt; &quot;d&quot; &#39;e&#x27; &eacute;&euro;&nbsp;f', "a & b <c> \"d\" 'e' é€ f"],
    ['&amp;lt;', '&lt;'],
    ['&unknown; &; &#; &#xZ; &#0;x', '&unknown; &; &#; &#xZ; x'],
    ['  one\n\ttwo  ', 'one two'],
    ['a\u0000\u001b[31m\u202eb\u200b\u2066c\ufeff&#8238;d', 'a[31mbc d'],
    ['&#xD800;x\udfff', 'x'],
    ['&#x110000;&#9999999;', undefined],
    ['👩\u200d💻', '👩\u200d💻'],
    [' \u200b ', undefined],
    ['', undefined],
  ])('%j', (raw, text) => {
    expect(plainText(raw, 100)).toBe(text);
  });

  it('is cut, not in the middle of a character', () => {
    expect(plainText('x'.repeat(1_000), 200)).toBe(`${'x'.repeat(199)}…`);
    expect(plainText('x'.repeat(200), 200)).toBe('x'.repeat(200));
    expect(plainText('😀'.repeat(100), 4)).toBe('😀…');
    expect(decodeEntities('&amp;'.repeat(3))).toBe('&&&');
  });

  it('[BAD link.text] never has what steers', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.integer({ min: 2, max: 50 }), (raw, most) => {
      const text = plainText(raw, most) ?? '';
      expect(text.length).toBeLessThanOrEqual(most);
      expect(text).not.toMatch(/[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u);
    }), { numRuns: 2_000 });
  });
});
