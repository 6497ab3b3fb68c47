// Builds the site of the documentation into the server package: `npm run docs`. Needs the built SDK.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipFiles } from '../scripts/lib/gzip-files.mjs';
import { BASE } from './lib/base.mjs';
import { inputsHash } from './lib/inputs.mjs';
import { llmsFull, llmsIndex } from './lib/llms.mjs';
import { siteMenus, unlisted } from './lib/pages.mjs';
import { sdkReference } from './lib/sdk-reference.mjs';
import { stagePage, summaryOf, titleOf } from './lib/stage.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SITE = join(ROOT, 'site');
const WORKSHOP = join(SITE, '.build');
const SOURCE = join(WORKSHOP, 'source');
/** The server package ships it. */
export const OUT = join(ROOT, 'packages/server/dist/site');
const MARK = join(WORKSHOP, 'built');
/** Served as they are. */
const FILES = ['packages/protocol/wire.proto', 'packages/protocol/asyncapi.yaml'];

/**
 * @param force also when nothing has changed
 * @returns whether anything was to do
 */
export async function buildSite(force = false) {
  const missing = unlisted(ROOT);
  if (missing.length > 0) throw new Error(`No menu names ${missing.join(', ')}: put it into site/lib/pages.mjs.`);
  const hash = inputsHash(ROOT);
  if (!force && existsSync(MARK) && readFileSync(MARK, 'utf8') === hash && existsSync(join(OUT, 'index.html'))) return false;
  rmSync(MARK, { force: true });
  const { menus, texts } = await stage();
  const out = join(WORKSHOP, 'out');
  rmSync(out, { recursive: true, force: true });
  const descriptions = Object.fromEntries([...texts].map(([to, text]) => [`${to}.md`, summaryOf(text)]));
  // What .vitepress/config.mjs reads.
  writeFileSync(join(WORKSHOP, 'site.json'), JSON.stringify({ menus, descriptions, sourceFolder: SOURCE, outFolder: out }));
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'node_modules/vitepress/bin/vitepress.js'), 'build', SITE], {
    cwd: ROOT, encoding: 'utf8', env: { ...process.env, NODE_ENV: 'production' },
  });
  if (status !== 0) throw new Error(`VitePress has refused the site:\n${stdout}${stderr}`);
  writeFileSync(join(out, 'llms.txt'), llmsIndex(menus, texts, BASE));
  writeFileSync(join(out, 'llms-full.txt'), llmsFull(menus, texts, BASE));
  gzipFiles(out);
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(dirname(OUT), { recursive: true });
  cpSync(out, OUT, { recursive: true });
  writeFileSync(MARK, hash);
  return true;
}

/** Writes all pages into the source folder. @returns the menus with titles, and the Markdown of each page by its name */
async function stage() {
  rmSync(SOURCE, { recursive: true, force: true });
  mkdirSync(join(SOURCE, 'public'), { recursive: true });
  const reference = await sdkReference(ROOT, WORKSHOP);
  const menus = siteMenus(ROOT);
  const names = new Map(menus.flatMap(({ groups }) => groups.flatMap(({ pages }) => pages)).filter(({ from }) => from !== undefined).map(({ from, to }) => [from, to]));
  // A link to the folder of decisions leads to the first of them, beside which the others stand.
  names.set('docs/decisions', [...names.values()].find((name) => name.startsWith('decisions/')));
  names.set('README.md', 'index');
  const files = new Map(FILES.map((file) => [file, BASE + basename(file)]));
  const texts = new Map([...names].filter(([file, to]) => file.endsWith('.md') && to !== 'index').map(([file, to]) => [to, stagePage({ from: file, to }, readFileSync(join(ROOT, file), 'utf8'), names, files, (path) => existsSync(join(ROOT, path)))]));
  for (const [to, text] of reference) texts.set(to, text);
  for (const [to, text] of texts) write(`${to}.md`, text);
  write('index.md', readFileSync(join(SITE, 'home.md')));
  cpSync(join(ROOT, 'docs/images'), join(SOURCE, 'images'), { recursive: true });
  for (const file of ['site/icon.svg', ...FILES]) cpSync(join(ROOT, file), join(SOURCE, 'public', basename(file)));
  const titled = ({ to, title }) => ({ to, title: title ?? titleOf(texts.get(to)) });
  const shown = menus.map(({ text, groups }) => ({
    text, groups: groups.map((group) => ({ text: group.text, pages: group.pages.flatMap((page) => (page.generated === 'sdk' ? [...reference.keys()].map((to) => ({ to })) : [page])).map(titled) })),
  }));
  return { menus: shown, texts };
}

function write(name, text) {
  mkdirSync(dirname(join(SOURCE, name)), { recursive: true });
  writeFileSync(join(SOURCE, name), text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const force = process.argv.includes('--force');
  await buildSite(force);
  if (force) process.stdout.write(`The site is in ${relative(process.cwd(), OUT)}. A server has it at /docs: npx talaria dev\n`);
}
