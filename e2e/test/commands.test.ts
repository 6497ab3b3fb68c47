/** Commands that pages tell their readers to type: they exist, with the flags that they are given. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { blocksOf, filesOf, root } from './support/page-samples.js';

const pages = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], { cwd: root, encoding: 'utf8' }).split('\n').filter((page) => page !== '' && page !== 'docs/reference/cli.md');

/** By command: its section of the reference, which a test of the command line holds to be current. */
const reference = new Map([...readFileSync(join(root, 'docs/reference/cli.md'), 'utf8').matchAll(/^## talaria (.+)\n([^]*?)(?=^## |(?![^]))/gm)].map((match) => [match[1]!, match[2]!]));
/** Flags of every command, and of `talaria` itself. */
const COMMON = ['--help', '--version', '--output', '-o', '-h', '--yes', '--quiet', '--no-color'];

interface Typed {
  readonly words: readonly string[];
  readonly flags: readonly string[];
}

/** What stands behind `talaria` in blocks for a shell, and in code within a sentence. */
function typedIn(text: string): readonly Typed[] {
  const blocks = [...text.matchAll(/^```sh\n([^]*?)^```/gm)].flatMap((match) => match[1]!.replaceAll('\\\n', ' ').split('\n'));
  const spans = [...text.replaceAll(/^```[^]*?^```/gm, '').matchAll(/`(talaria [^`]+)`/g)].map((match) => match[1]!);
  return [...blocks, ...spans].flatMap((line) => [...line.replace(/(?:^|\s)#.*/, '').matchAll(/(?:^|[\s(|])(?:npx )?talaria ([^|>)&;]+)/g)].map((match) => match[1]!.trim().split(/\s+/)))
    .map((parts) => ({ words: parts.filter((part) => !part.startsWith('-')), flags: parts.filter((part) => /^--?[a-z]/.test(part)).map((part) => part.replace(/=.*/, '')) }));
}

function faultOf({ words: [first = '', second = ''], flags }: Typed): string | undefined {
  // `talaria --help` names no command; `talaria backup` and `talaria key create` do.
  if (first === '') return undefined;
  const name = [`${first} ${second}`, first].find((one) => reference.has(one));
  if (name === undefined) return [...reference.keys()].some((one) => one.startsWith(`${first} `)) && second === '' ? undefined : `there is no talaria ${first} ${second}`;
  const unknown = flags.find((flag) => !COMMON.includes(flag) && !new RegExp(String.raw`(?:^|[\s,])${flag}(?=[\s,]|$)`, 'm').test(reference.get(name)!));
  return unknown === undefined ? undefined : `talaria ${name} has no ${unknown}`;
}

it.each(pages)('%s names commands that there are', (page) => {
  expect(typedIn(readFileSync(join(root, page), 'utf8')).flatMap((typed) => faultOf(typed) ?? [])).toEqual([]);
});

it('finds commands, and what is wrong with them', () => {
  expect(reference.size).toBeGreaterThan(40);
  expect(typedIn(readFileSync(join(root, 'docs/guides/auth.md'), 'utf8')).length).toBeGreaterThan(4);
  const faults = (text: string): readonly string[] => typedIn(text).flatMap((typed) => faultOf(typed) ?? []);
  expect(faults('```sh\nnpx talaria key crate\ntalaria app update x --orign y # talaria nothing\n```\nand `talaria backup --sidewise`')).toEqual(['there is no talaria key crate', 'talaria app update has no --orign', 'talaria backup has no --sidewise']);
  expect(faults('```sh\ntalaria token mint alice | talaria token inspect -\n```\n`talaria --help`, `talaria key`')).toEqual([]);
});

it('every sample in docs/ is one that a test runs', () => {
  const docs = pages.filter((page) => page.startsWith('docs/'));
  const languages = new Set(docs.flatMap((page) => blocksOf(page).map(({ language }) => language)));
  // Programs and requests are run by pages.test.ts and browser-samples, components by react-page, commands are looked up here, and files have a test of their page; in these nobody looks.
  expect(['js', 'mjs', 'jsx', 'typescript', 'javascript', 'bash', 'shell', 'console'].filter((language) => languages.has(language))).toEqual([]);
  expect([...languages]).toEqual(expect.arrayContaining(['http', 'sh', 'ts']));
  expect(docs.filter((page) => filesOf(page).size > 0), 'Run the files of a page in a test of its own').toEqual(['docs/guides/nextjs.md', 'docs/quickstart.md']);
});
