/** SPEC.md against the source: what it says of fields, bounds, types and codes is what the code does. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { withTables } from '../scripts/spec-tables.mjs';
import { ELEMENT_BYTES_MAX, upBounds } from '../src/codec/bounds.js';
import { errorCodes } from '../src/errors.js';
import { shape, type FieldShape } from '../src/generated/shape.js';
import { limits } from '../src/limits.js';
import { factTable } from '../src/facts.js';
import { operations } from '../src/operations/index.js';
import { golden } from './support/golden.js';

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const spec = readFileSync(path('../SPEC.md'), 'utf8');
const source = (name: string): string => readFileSync(path(`../src/${name}.ts`), 'utf8');

/** The text below a heading, up to the next one of the same level or above. */
function section(title: string, level: number, within = spec): string {
  const lines = within.split('\n');
  const start = lines.indexOf(`${'#'.repeat(level)} ${title}`);
  if (start < 0) throw new Error(`SPEC.md has no heading ${title}`);
  const above = new RegExp(`^#{1,${level}} `);
  const length = lines.slice(start + 1).findIndex((line) => above.test(line));
  return lines.slice(start + 1, length < 0 ? undefined : start + 1 + length).join('\n');
}

/** The rows of the first table of a text, without its head. */
function rows(text: string): string[][] {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.startsWith('| ---'));
  const end = lines.findIndex((line, at) => at > start && !line.startsWith('|'));
  return lines.slice(start + 1, end < 0 ? undefined : end).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
}

const number = (value: number): string => value.toLocaleString('en-US');
const typeOf = ([, , type, label]: FieldShape): string => (label === 'repeated' ? `${type}[]` : type);

function boundOf(message: string, [, name, type, label]: FieldShape): string {
  const bound = upBounds[`${message}.${name}`];
  if (bound === undefined) return '';
  return label === 'repeated' && type === 'string' ? `${number(bound)}, each ${ELEMENT_BYTES_MAX}` : number(bound);
}

describe('rules', () => {
  const ids = (letters: string, count: number): string[] => Array.from({ length: count }, (_, at) => `${letters}${at + 1}`);
  const expected = [
    ...ids('SND', 8), ...ids('ORD', 6), ...ids('VIS', 5), ...ids('CNT', 3), ...ids('RES', 8), ...ids('FLW', 3), ...ids('ISO', 4), ...ids('CLU', 4), ...ids('SIG', 3), ...ids('PRS', 3), ...ids('H', 12),
  ];
  const items = [...spec.matchAll(/^- \*\*([A-Z]+\d+)\*\* (\(later\) )?(.*)$/gm)];

  it('each stands there once, in order, with its text', () => {
    expect(items.map((item) => item[1])).toEqual(expected);
    for (const [, id, , text] of items) expect(text, `of ${id}`).toMatch(/^.{20}/);
  });

  it('those that are not built yet say so', () => {
    expect(items.filter((item) => item[2]).map((item) => item[1])).toEqual(['H12']);
  });

  it('every rule that the page or the source cites exists', () => {
    const cited = [spec, source('limits'), source('ids'), source('permissions'), source('errors'), readFileSync(path('../wire.proto'), 'utf8')]
      .flatMap((text) => [...text.matchAll(/\b(?:SND|ORD|VIS|CNT|RES|FLW|ISO|CLU|SIG|PRS)\d+\b/g)].map((match) => match[0]));
    expect(cited.length).toBeGreaterThan(60);
    expect(cited.filter((id) => !expected.includes(id))).toEqual([]);
  });
});

describe('frames', () => {
  const inUnion = (union: 'Up' | 'Down', title: string) => (shape[union] ?? []).map(([, frame, message]) => ({ frame, message, title, up: union === 'Up' }));
  const parts = ['Cursor', 'Head', 'Omitted', 'Fact', 'MessageBody', 'UserPresence'].map((message) => ({ frame: message, message, title: 'Parts of frames', up: message === 'Cursor' }));
  const frames = [...inUnion('Up', 'Client to server'), ...inUnion('Down', 'Server to client'), ...parts];

  it.each(frames)('$title, $frame: names, types and bounds of its fields', ({ frame, message, title, up }) => {
    const found = rows(section(frame, 3, section(title, 2)));
    const fields = (shape[message] ?? []).map((field) => [`\`${field[1]}\``, typeOf(field), ...(up ? [boundOf(message, field)] : [])]);
    expect(found.map((row) => row.slice(0, -1))).toEqual(fields);
    for (const row of found) expect(row.at(-1), `of ${row[0]}`).toMatch(/^.{4}/);
  });

  it('every message of wire.proto is described', () => {
    const described = new Set(frames.map(({ message }) => message));
    expect(Object.keys(shape).filter((message) => !described.has(message))).toEqual(['Up', 'Down']);
  });
});

describe('facts', () => {
  const types = [...section('Facts', 2).matchAll(/^\| `([a-z_.]+)` \|/gm)].map((match) => match[1]!);
  const goldenTypes = golden.flatMap((frame) => {
    const facts = (frame.json['facts'] as { facts?: { type?: string }[] } | undefined)?.facts ?? [];
    return facts.map((fact) => fact.type ?? '');
  });

  it('every type of the page has a golden frame, and the other way round', () => {
    const known = new Set(goldenTypes.filter((type) => type !== '' && type !== 'an.unknown.type'));
    expect(new Set(types)).toEqual(known);
    expect(types.length).toBe(known.size);
    expect(types).toEqual(Object.keys(factTable).toSorted((left, right) => types.indexOf(left) - types.indexOf(right)));
  });

  it('[SND2] every command is in the table of what is compared', () => {
    const commands = Object.entries(operations).filter(([, operation]) => operation.command).map(([id]) => id);
    const compared = rows(section('What is compared when a client id comes again', 2)).map((row) => /`([a-z.]+)`/.exec(row[0]!)?.[1]);
    expect(new Set(compared)).toEqual(new Set(commands));
    expect(compared.length).toBe(commands.length);
  });
});

describe('generated tables', () => {
  it('are up to date', async () => {
    expect(await withTables(spec)).toBe(spec);
    expect(execFileSync(process.execPath, [path('../scripts/spec-tables.mjs'), '--check'], { encoding: 'utf8' })).toContain('up to date');
  });

  it('would be noticed when they are stale', async () => {
    const stale = spec.replace('| `bad_frame` | no |', '| `bad_frame` | yes |').replace('`frame_bytes_max` | 65,536 |', '`frame_bytes_max` | 65,537 |');
    expect(stale).not.toBe(spec);
    expect(await withTables(stale)).toBe(spec);
    await expect(withTables('# no markers')).rejects.toThrow('no place for the table');
  });

  it('name every error code and every limit, each limit with its meaning', () => {
    expect(rows(section('Errors', 2)).map((row) => row[0])).toEqual(errorCodes.map((code) => `\`${code}\``));
    const found = rows(section('Limits', 2));
    expect(found.map((row) => row.slice(0, 2))).toEqual(Object.entries(limits).map(([name, value]) => [`\`${name}\``, number(value)]));
    for (const row of found) expect(row[2], `of ${row[0]}`).toMatch(/^[A-Z`].*\.$/);
  });
});

describe('links', () => {
  const anchors = new Set([...spec.matchAll(/^#+ (.*)$/gm)].map((match) => match[1]!.toLowerCase().replaceAll(/[^\w -]/g, '').replaceAll(' ', '-')));

  it.each([...new Set([...spec.matchAll(/\]\(#([^)]+)\)/g)].map((match) => match[1]!))])('#%s leads somewhere', (anchor) => {
    expect(anchors).toContain(anchor);
  });

  it.each(['README.md', 'wire.proto'])('%s exists', (file) => {
    expect(spec).toContain(`](${file}`);
    expect(readFileSync(path(`../${file}`), 'utf8').length).toBeGreaterThan(100);
  });

  it('codes in backquotes that look like error codes are in the table, or fields or limits', () => {
    const words = [...section('Connecting', 2).matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map((match) => match[1]!);
    const names = new Set<string>([...errorCodes, ...Object.keys(limits), ...Object.values(shape).flatMap((fields) => fields.map((field) => field[1])), 'too_far']);
    expect(words.length).toBeGreaterThan(20);
    expect(words.filter((word) => !names.has(word))).toEqual([]);
  });
});
