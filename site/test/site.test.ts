/** The site as it was built: every page is there and named, every link leads somewhere, and nothing comes from another host. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { BASE } from '../lib/base.mjs';
import { sitePages, unlisted } from '../lib/pages.mjs';
import { sdkEntries } from '../lib/sdk-reference.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const built = join(root, 'packages/server/dist/site');
const files = readdirSync(built, { recursive: true, encoding: 'utf8' }).filter((name) => /\.\w+$/.test(name));
const text = (name: string): string => readFileSync(join(built, name), 'utf8');
const pages = files.filter((name) => name.endsWith('.html'));
const names: readonly string[] = [...sitePages(root).map(({ to }: { readonly to: string }) => to), ...sdkEntries(root).map(({ page }: { readonly page: string }) => `reference/sdk/${page}`)];

/** What the elements of a page name, by attribute. */
const attributes = (html: string, name: string): readonly string[] => [...html.matchAll(new RegExp(`<[a-z][^>]*?\\s${name}="([^"]*)"`, 'g'))].map((match) => match[1]!.replaceAll('&amp;', '&'));
const ids = new Map(pages.map((page) => [page, new Set(attributes(text(page), 'id'))]));
/** The file that an address of the site leads to. */
function fileOf(address: string): string | undefined {
  if (!address.startsWith(BASE)) return undefined;
  const name = decodeURIComponent(address.slice(BASE.length));
  return [name === '' || name.endsWith('/') ? `${name}index.html` : name, `${name}.html`].find((candidate) => candidate !== '' && existsSync(join(built, candidate)) && /\.\w+$/.test(candidate));
}

describe('pages', () => {
  it('every page of docs/ is in a menu', () => {
    expect(unlisted(root)).toEqual([]);
    expect(names.length).toBeGreaterThan(80);
    expect(new Set(names).size).toBe(names.length);
  });

  it('every page of the menus was built', () => {
    expect(names.filter((name) => !pages.includes(`${name}.html`))).toEqual([]);
    expect(pages).toEqual(expect.arrayContaining(['index.html', '404.html']));
  });

  it('every page says what it is about', () => {
    for (const name of names) expect(/<meta name="description" content="([^"]*)">/.exec(text(`${name}.html`))?.[1], name).toMatch(/^.{20}/);
  });
});

describe('links', () => {
  it.each(pages)('%s leads to what is there', (page) => {
    const links = attributes(text(page), 'href').filter((link) => !/^(?:https?:|mailto:)/.test(link));
    const dead = links.filter((link) => {
      const [address = '', anchor] = link.split('#');
      const target = address === '' ? page : fileOf(new URL(address, `http://site${BASE}${page.replace(/(?:index)?\.html$/, '')}`).pathname);
      return target === undefined || (anchor !== undefined && anchor !== '' && ids.get(target)?.has(decodeURIComponent(anchor)) !== true);
    });
    expect(dead).toEqual([]);
  });

  it('the check finds what is dead', () => {
    expect([fileOf('/docs/quickstart'), fileOf('/docs/'), fileOf('/docs/nothing'), fileOf('/docs/guides')]).toEqual(['quickstart.html', 'index.html', undefined, undefined]);
    expect(ids.get('concepts.html')?.has('cursors')).toBe(true);
  });
});

describe('nothing comes from another host', () => {
  it.each(pages)('%s loads what the site has', (page) => {
    const html = text(page);
    const loaded = [...attributes(html, 'src'), ...[...html.matchAll(/<link[^>]*>/g)].flatMap(([element]) => attributes(element, 'href'))];
    expect(loaded.length).toBeGreaterThan(3);
    expect(loaded.filter((address) => !address.startsWith(BASE) || fileOf(address) === undefined)).toEqual([]);
    expect(html).not.toMatch(/srcset=/);
  });

  it('styles and scripts load nothing from elsewhere', () => {
    for (const name of files.filter((file) => file.endsWith('.css'))) expect([...text(name).matchAll(/(?:url\(|@import\s*)["']?([^"')]+)/g)].map((match) => match[1]!).filter((address) => !address.startsWith('data:') && !address.startsWith(BASE)), name).toEqual([]);
    for (const name of files.filter((file) => file.endsWith('.js'))) expect(text(name), name).not.toMatch(/(?:\bimport|\bfetch|importScripts|new Worker)\s*\(\s*["'`](?:https?:)?\/\//);
  });
});

describe('files for machines', () => {
  it('llms.txt has a line for every page, which leads there', () => {
    const lines = [...text('llms.txt').matchAll(/^- \[(.+)\]\((\S+)\): (.+)$/gm)];
    expect(lines.map((line) => line[2])).toEqual(expect.arrayContaining(names.map((name) => BASE + name)));
    expect(lines).toHaveLength(names.length);
    for (const [line, , address = '', said = ''] of lines) expect([fileOf(address) !== undefined, said.length > 20], line).toEqual([true, true]);
  });

  it('llms-full.txt has every page', () => {
    const full = text('llms-full.txt');
    for (const name of names) expect(full).toContain(`<!-- ${BASE}${name} -->\n`);
    expect(full).toContain(readFileSync(join(root, 'docs/quickstart.md'), 'utf8').slice(0, 120));
  });

  it('the socket is there for tools', () => {
    expect(text('wire.proto')).toBe(readFileSync(join(root, 'packages/protocol/wire.proto'), 'utf8'));
    expect(text('asyncapi.yaml')).toBe(readFileSync(join(root, 'packages/protocol/asyncapi.yaml'), 'utf8'));
  });

  it('what is packed is the same, and less', () => {
    const packed = files.filter((name) => name.endsWith('.gz'));
    expect(packed.length).toBeGreaterThan(names.length);
    for (const name of packed) {
      const [before, after] = [readFileSync(join(built, name.slice(0, -3))), readFileSync(join(built, name))];
      expect(gunzipSync(after).equals(before), name).toBe(true);
      expect(after.length).toBeLessThan(before.length);
    }
  });
});
