/** Pages on their way to the site: their links, their pictures, and what is said of them in a line. */
import { describe, expect, it } from 'vitest';
import { llmsFull, llmsIndex } from '../lib/llms.mjs';
import { sidebarOf } from '../lib/sidebar.mjs';
import { anchorOf, outsideCode, stagePage, summaryOf, titleOf } from '../lib/stage.mjs';

const names = new Map([['docs/guides/auth.md', 'guides/auth'], ['docs/live.md', 'live'], ['packages/protocol/SPEC.md', 'reference/protocol'], ['docs/decisions', 'decisions/0001']]);
const files = new Map([['packages/protocol/wire.proto', '/docs/wire.proto']]);
const staged = (text: string, from = 'docs/guides/auth.md', to = 'guides/auth'): string => stagePage({ from, to }, text, names, files, (path: string) => path.startsWith('deploy/') || files.has(path));

describe('links', () => {
  it.each([
    ['[live](../live.md)', '[live](../live)'],
    ['[live](../live.md#presence)', '[live](../live#presence)'],
    ['[rules](../../packages/protocol/SPEC.md#rules)', '[rules](../reference/protocol#rules)'],
    ['[`a` and [b]](../live.md)', '[`a` and [b]](../live)'],
    ['[all](../decisions/)', '[all](../decisions/0001)'],
    ['[here](#top), [there](https://example.com/a.md)', '[here](#top), [there](https://example.com/a.md)'],
    ['[wire](../../packages/protocol/wire.proto)', '<a href="/docs/wire.proto" target="_self">wire</a>'],
    // What is no page is named by its path, for whoever has the repository.
    ['[the unit](../../deploy/systemd)', 'the unit (`deploy/systemd`)'],
    ['[`deploy/systemd`](../../deploy/systemd)', '`deploy/systemd`'],
  ])('%s → %s', (text, wanted) => {
    expect(staged(text)).toBe(wanted);
  });

  it('that lead nowhere fail the build', () => {
    expect(() => staged('[gone](../gone.md)')).toThrow('docs/guides/auth.md: the link to ../gone.md is dead.');
  });

  it('lead on from pages that stand elsewhere', () => {
    expect(staged('[live](docs/live.md)', 'README.md', 'index')).toBe('[live](./live)');
  });

  it('in code are left alone', () => {
    const code = '```md\n[live](../live.md)\n```\n';
    expect(staged(`${code}[live](../live.md)\n${code}`)).toBe(`${code}[live](../live)\n${code}`);
    expect(outsideCode('a\n```\nb\n```\nc', (part: string) => part.toUpperCase())).toBe('A\n```\nb\n```\nC');
  });
});

it('charts have a picture for each mode', () => {
  expect(staged('<picture><source media="(prefers-color-scheme: dark)" srcset="images/d.svg"><img src="images/l.svg" alt="Sends"></picture>'))
    .toBe('<img class="light-only" src="./images/l.svg" alt="Sends"><img class="dark-only" src="./images/d.svg" alt="Sends">');
});

it('pictures of pages that stand elsewhere are those of docs/images', () => {
  expect(staged('<img src="../../docs/images/a.png" alt="A">, <img src="https://example.com/b.png" alt="B">', 'examples/chat/README.md', 'examples/chat'))
    .toBe('<img src="../images/a.png" alt="A">, <img src="https://example.com/b.png" alt="B">');
  expect(staged('<picture><source media="(prefers-color-scheme: dark)" srcset="../../docs/images/d.png"><img src="../../docs/images/l.png" alt="L"></picture>', 'examples/chat/README.md', 'examples/chat'))
    .toBe('<img class="light-only" src="../images/l.png" alt="L"><img class="dark-only" src="../images/d.png" alt="L">');
});

it('anchors are those of GitHub', () => {
  expect(['Who may', '1. Install', '`created_ms` and more', '[asyncDispose]()', 'Ä-ö'].map(anchorOf)).toEqual(['who-may', '1-install', 'created_ms-and-more', 'asyncdispose', 'ä-ö']);
});

describe('what is said of a page', () => {
  it.each([
    ['# T\n\nOne sentence that says what this is about. Another.\n', 'One sentence that says what this is about.'],
    ['<!-- Generated. -->\n\n# T\n\n| a |\n| --- |\n\nShort. Then a longer sentence.\n', 'Short. Then a longer sentence.'],
    ['# T\n\n```sh\nls\n```\n\n**Bold** and [a link](x.md) with `code`, over\ntwo lines.\n', 'Bold and a link with code, over two lines.'],
    ['# T\n\nEvery figure comes from one command, on one machine:\n', 'Every figure comes from one command, on one machine.'],
  ])('%j → %s', (text, wanted) => {
    expect(summaryOf(text)).toBe(wanted);
  });

  it('is its first heading', () => {
    expect([titleOf('<!-- x -->\n# The `thing`\n'), titleOf('no heading')]).toEqual(['The thing', '']);
  });
});

const menus = [{ text: 'Guides', groups: [{ text: 'All', pages: [{ to: 'a', title: 'A' }, { to: 'deep/b', title: 'B' }] }] }];
const texts = new Map([['a', '# A\n\nThe first letter of the alphabet, as everybody knows.\n'], ['deep/b', '<!-- Generated. -->\n\n# B\n\nThe second letter of the alphabet, as everybody knows.\n']]);

it('language models get an index, and everything', () => {
  expect(llmsIndex(menus, texts, '/docs/')).toContain('## Guides\n\n- [A](/docs/a): The first letter of the alphabet, as everybody knows.\n- [B](/docs/deep/b): The second');
  const full = llmsFull(menus, texts, '/docs/');
  expect(full).toContain('<!-- /docs/deep/b -->\n\n# B\n\nThe second letter');
  expect(full).not.toContain('Generated');
});

it('each page has the list of its menu at its side', () => {
  const lists = sidebarOf(menus);
  expect(lists['/a']).toBe(lists['/deep/b']);
  expect(lists['/a']).toEqual([{ text: 'All', items: [{ text: 'A', link: '/a' }, { text: 'B', link: '/deep/b' }] }]);
});
