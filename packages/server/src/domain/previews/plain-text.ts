/** Text of a page as it may be shown: entities decoded, nothing in it that steers a terminal or the direction of other text. */

/** ISO 8859-1 from 160 on, as HTML names its characters. */
const LATIN = (
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest '
  + 'Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig '
  + 'agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml'
).split(' ');
const NAMED = new Map<string, string>([
  ['amp', '&'], ['lt', '<'], ['gt', '>'], ['quot', '"'], ['apos', "'"], ['ndash', '–'], ['mdash', '—'], ['lsquo', '‘'], ['rsquo', '’'], ['ldquo', '“'], ['rdquo', '”'], ['bdquo', '„'],
  ['hellip', '…'], ['bull', '•'], ['trade', '™'], ['euro', '€'], ['OElig', 'Œ'], ['oelig', 'œ'], ['Scaron', 'Š'], ['scaron', 'š'],
  ...LATIN.map((name, at) => [name, String.fromCharCode(160 + at)] as const),
]);
const ENTITY = /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z][a-zA-Z0-9]{1,7}));/g;
/** Controls, formats such as those that turn the direction of text (but not what joins letters and emoji), surrogates without their other half. */
const HIDDEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}]/gu;
const CODE_POINT_MAX = 0x10ffff;
/** An entity is longer than what it stands for, by this much at most. */
const CHARS_EACH = 10;

/** @param raw of a page, as it stands in the markup */
export function decodeEntities(raw: string): string {
  return raw.replace(ENTITY, (whole, decimal: string | undefined, hex: string | undefined, name: string | undefined) => {
    if (name !== undefined) return NAMED.get(name) ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex!, 16) : Number(decimal);
    return code > 0 && code <= CODE_POINT_MAX ? String.fromCodePoint(code) : '';
  });
}

/** @param raw of a page @param chars_max of the result, in UTF-16 units @returns one line, or undefined when nothing is left */
export function plainText(raw: string, chars_max: number): string | undefined {
  const text = decodeEntities(raw.slice(0, chars_max * CHARS_EACH)).replace(/\s/g, ' ').replace(HIDDEN, '').replace(/ {2,}/g, ' ').trim();
  if (text.length <= chars_max) return text === '' ? undefined : text;
  const cut = text.slice(0, chars_max - 1);
  // Not in the middle of a character.
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}
