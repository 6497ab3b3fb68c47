// What language models read: an index of the pages with a line each, and all of them as one text (llmstxt.org).
import { summaryOf, titleOf } from './stage.mjs';

const INTRODUCTION = `# Talaria

> A messaging backend that a team hosts itself, with an SDK for apps. No message lost, repeated or reordered, from one app's call to the other app's callback.
`;

/**
 * @param menus as `siteMenus` gives them
 * @param texts by name on the site: its Markdown
 * @param base where the site stands, with a slash at the end
 */
export function llmsIndex(menus, texts, base) {
  const sections = menus.map(({ text, groups }) => {
    const lines = groups.flatMap(({ pages }) => pages).map(({ to }) => `- [${titleOf(texts.get(to))}](${base}${to}): ${summaryOf(texts.get(to))}`);
    return `## ${text}\n\n${lines.join('\n')}\n`;
  });
  return [INTRODUCTION, ...sections].join('\n');
}

/** Every page behind the other. */
export function llmsFull(menus, texts, base) {
  const pages = menus.flatMap(({ groups }) => groups.flatMap((one) => one.pages));
  return [INTRODUCTION, ...pages.map(({ to }) => `<!-- ${base}${to} -->\n\n${texts.get(to).replaceAll(/<!--[^]*?-->\n?/g, '').trim()}\n`)].join('\n');
}
