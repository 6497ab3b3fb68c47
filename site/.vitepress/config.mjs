// The site of the documentation. `site/build.mjs` puts its pages into the source folder, and gives the menus.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { BASE } from '../lib/base.mjs';
import { anchorOf } from '../lib/stage.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { menus, descriptions, sourceFolder, outFolder } = JSON.parse(readFileSync(here('../.build/site.json'), 'utf8'));

export default defineConfig({
  title: 'Talaria',
  lang: 'en',
  base: BASE,
  srcDir: sourceFolder,
  outDir: outFolder,
  cacheDir: here('../.build/cache'),
  cleanUrls: true,
  // What all pages share is one file, and not a part of each.
  metaChunk: true,
  // The page says all of it by itself: no preconnect, no fonts, nothing from another host.
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: `${BASE}icon.svg` }], ['meta', { name: 'theme-color', content: '#0b5cad' }]],
  // Without this the switch puts a <style> into the page, which the policy of the server refuses.
  appearance: { disableTransition: false },
  transformPageData: ({ relativePath }) => ({ description: descriptions[relativePath] ?? '' }),
  markdown: {
    anchor: { slugify: anchorOf },
    toc: { slugify: anchorOf },
    headers: { slugify: anchorOf },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
  },
  themeConfig: {
    siteTitle: 'Talaria',
    logo: '/icon.svg',
    nav: menus.map(({ text, groups }) => ({ text, link: `/${groups[0].pages[0].to}`, activeMatch: `^/(?:${groups.flatMap(({ pages }) => pages.map(({ to }) => to)).join('|')})$` })),
    // The theme makes the lists at the side of them.
    menus,
    outline: { level: [2, 3] },
    search: { provider: 'local', options: { detailedView: false } },
    docFooter: { prev: 'Before', next: 'Next' },
    externalLinkIcon: false,
    notFound: { title: 'Not found', quote: 'There is no such page in the documentation of this version.', linkText: 'To the first page' },
  },
  vite: {
    logLevel: 'warn',
    build: { chunkSizeWarningLimit: 4_096, assetsInlineLimit: 0 },
  },
});
