// Pages as VitePress takes them: every link between files of the repository becomes one between pages of the site.
import { posix } from 'node:path';

const FENCES = /^(?:```|~~~)[^]*?^(?:```|~~~)$/gm;
const LINK = /(?<label>\[(?:[^[\]]|\[[^\]]*\])*\])\((?<target>[^)\s]+)\)/g;
const PICTURE = /<picture><source media="\(prefers-color-scheme: dark\)" srcset="([^"]+)"><img src="([^"]+)" alt="([^"]*)"><\/picture>/g;

const IMAGE = /<img src="(?![a-z]+:)([^"]+)"/g;

/** As GitHub names the headings of a page; the pages link to these names. */
export const anchorOf = (heading) => heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').trim().replaceAll(/\s/g, '-');

/** A name of the site, as seen from a page of it. */
export const relativeTo = (page, target) => {
  const path = posix.relative(posix.dirname(page), target);
  return path.startsWith('.') ? path : `./${path}`;
};

/** Changes the text between code blocks. */
export function outsideCode(text, change) {
  let result = '';
  let from = 0;
  for (const block of text.matchAll(FENCES)) {
    result += change(text.slice(from, block.index)) + block[0];
    from = block.index + block[0].length;
  }
  return result + change(text.slice(from));
}

/**
 * @param page `{ from, to }`
 * @param text its Markdown
 * @param names by file of the repository: the page's name on the site
 * @param files by file of the repository: the address where it is served as it is
 * @param exists whether the repository has a file or folder of this name
 * @throws Error for a link that leads nowhere
 */
export function stagePage(page, text, names, files, exists) {
  return outsideCode(text, (part) => placedPictures(page, themedPictures(page, part)).replaceAll(LINK, (whole, label, target) => linkOf(page, whole, label, target, { names, files, exists })));
}

function linkOf(page, whole, label, target, { names, files, exists }) {
  if (/^(?:[a-z]+:|#|\/)/.test(target)) return whole;
  const [path, fragment] = target.split('#');
  const file = posix.normalize(posix.join(posix.dirname(page.from), path)).replace(/\/$/, '');
  const name = names.get(file);
  if (name !== undefined) return `${label}(${relativeTo(page.to, name)}${fragment === undefined ? '' : `#${fragment}`})`;
  if (!exists(file)) throw new Error(`${page.from}: the link to ${target} is dead.`);
  // VitePress would look for a page of that name; this is for the browser alone.
  if (files.has(file)) return `<a href="${files.get(file)}" target="_self">${label.slice(1, -1)}</a>`;
  // A file that is no page: the site stands alone, so it says where the file is.
  const said = label.slice(1, -1);
  return file.includes(said.replaceAll('`', '')) ? `\`${file}\`` : `${said} (\`${file}\`)`;
}

/** The site has a switch for dark mode, which a media query does not know. */
function themedPictures(page, text) {
  return text.replaceAll(PICTURE, (_, dark, light, alt) => `<img class="light-only" src="${pictureOf(page, light)}" alt="${alt}"><img class="dark-only" src="${pictureOf(page, dark)}" alt="${alt}">`);
}

const placedPictures = (page, text) => text.replaceAll(IMAGE, (_, target) => `<img src="${pictureOf(page, target)}"`);

/** Pictures are in docs/images; the site has that folder beside its pages. */
const pictureOf = (page, target) => relativeTo(page.to, posix.normalize(posix.join(posix.dirname(page.from), target)).replace(/^docs\//, ''));

/** The first heading. */
export const titleOf = (text) => /^# (.*)$/m.exec(text)?.[1]?.replaceAll('`', '') ?? '';

/** The first sentences of a page that are neither heading, table nor list, as plain text of one line. */
export function summaryOf(text) {
  const paragraph = text.replaceAll(FENCES, '').replaceAll(/<!--[^]*?-->/g, '').replace(/^---\n[^]*?\n---\n/, '').split(/\n{2,}/).map((part) => part.trim()).find((part) => /^[\p{L}*`[_]/u.test(part)) ?? '';
  const plain = paragraph.replaceAll(/\s+/g, ' ').replaceAll(/\[((?:[^[\]]|\[[^\]]*\])*)\]\([^)]*\)/g, '$1').replaceAll(/\*\*|`/g, '');
  const sentences = plain.match(/[^]*?[.!?:](?= |$)/g) ?? [plain];
  const [first = plain] = sentences;
  return (first.length < 40 && sentences[1] !== undefined ? first + sentences[1] : first).trim().replace(/:$/, '.');
}
