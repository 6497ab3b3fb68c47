/** The documentation holds together: links lead somewhere, and what is derived is up to date. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pages = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);

const text = (page: string): string => readFileSync(join(root, page), 'utf8').replaceAll(/^```[^]*?^```/gm, '');
/** As GitHub makes them. */
const anchor = (heading: string): string => heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').trim().replaceAll(/\s/g, '-');
const anchors = (page: string): readonly string[] => [...text(page).matchAll(/^#+ (.*)$/gm)].map((match) => anchor(match[1]!));

it.each(pages)('%s links to what is there', (page) => {
  const broken = [...text(page).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!).filter((link) => !/^(?:https?|mailto):/.test(link)).filter((link) => {
    const [path = '', fragment] = link.split('#');
    const target = path === '' ? page : join(dirname(page), path);
    if (!existsSync(join(root, target))) return true;
    return fragment !== undefined && target.endsWith('.md') && !anchors(target).includes(fragment);
  });
  expect(broken).toEqual([]);
});

it('finds pages to look at', () => {
  expect(pages).toContain('README.md');
  expect(pages.length).toBeGreaterThan(10);
});
