/** What the pages say of the faults is what there is. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { faults } from '../src/faults.js';
import { derivedPage, PAGE } from '../src/publish/pages.js';
import { readResults, root } from '../src/publish/results.js';
import { columns } from '../src/table.js';
import { TOPOLOGIES } from '../src/topology.js';

const page = readFileSync(join(root, PAGE), 'utf8');
const list = readFileSync(join(root, 'chaos/FAULTS.md'), 'utf8');
const results = readResults();

it('the results tell where, when and of which commit', () => {
  expect(results.map(({ topology }) => topology)).toEqual(TOPOLOGIES);
  for (const one of results) {
    expect(one).toMatchObject({ machine: expect.stringMatching(/cores/), date: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/), commit: expect.stringMatching(/^[0-9a-f]{12}$/) });
  }
});

it('the page says what the results say (node chaos/dist/write-pages.js)', () => {
  expect(page).toBe(derivedPage(results));
  for (const { topology, rows } of results) {
    for (const { fault, name, verdict } of rows) expect(page).toMatch(new RegExp(`^\\| ${fault} ${name.replaceAll(/[()]/g, '\\$&')} \\| ${topology} \\|.*\\| ${verdict} \\|$`, 'm'));
  }
});

it('the results are of faults that are run, in their order, and the page names those that they leave out', () => {
  for (const { topology, rows } of results) {
    const run = faults.filter(({ topologies }) => topologies.includes(topology)).map(({ id }) => id);
    const published = rows.map(({ fault }) => fault);
    expect(published).toEqual(run.filter((id) => published.includes(id)));
    const left = run.filter((id) => !published.includes(id));
    if (left.length > 0) expect(page).toContain(`${left.join(', ')} on \`${topology}\``);
  }
});

it('FAULTS.md lists F1 to F17, and names those that are run', () => {
  const [run = '', rest = ''] = list.split('## Not run by this command yet');
  const ids = (text: string): string[] => [...text.matchAll(/^\| (F\d+) \|/gm)].map(([, id]) => id!);
  expect(ids(run)).toEqual(faults.map(({ id }) => id));
  expect([...ids(run), ...ids(rest)].toSorted((a, b) => Number(a.slice(1)) - Number(b.slice(1)))).toEqual(Array.from({ length: 17 }, (_, at) => `F${at + 1}`));
});

it('the page explains every fault and every column', () => {
  for (const { id } of faults) expect(page, id).toContain(`- **${id}** `);
  for (const { head } of columns) expect(page, head).toMatch(new RegExp(`^\\| ${head} \\|`, 'm'));
});
