import { describe, expect, it } from 'vitest';
import { asksForJson } from '../src/context.js';
import { userRef } from '../src/references.js';
import { record, table, type Column } from '../src/text/table.js';
import { bytesText, durationSeconds, longTime, momentMs, shortTime, spanText } from '../src/text/time.js';
import { cut, padEnd, padStart, plain, widthOf, wrap } from '../src/text/width.js';

const none = (_format: string, text: string): string => text;

describe('width', () => {
  it.each([
    ['abc', 3],
    ['日本', 4],
    ['👍', 2],
    ['e\u0301', 1],
    ['', 0],
  ])('%j takes %i columns', (text, columns) => {
    expect(widthOf(text)).toBe(columns);
  });

  it('cuts by columns and not by code units', () => {
    expect(cut('hello', 5)).toBe('hello');
    expect(cut('hello!', 5)).toBe('hell…');
    expect(cut('日本語です', 5)).toBe('日本…');
    expect(cut('👍👍👍', 4)).toBe('👍…');
    expect(cut('x', 0)).toBe('');
  });

  it('pads to columns', () => {
    expect([padEnd('日', 4), padStart('日', 4), padEnd('long', 2)]).toEqual(['日  ', '  日', 'long']);
  });

  it('wraps between words, and inside a word only where it must', () => {
    expect(wrap('one two three', 8)).toEqual(['one two', 'three']);
    expect(wrap('aaaaaaaaaaaa bb', 5)).toEqual(['aaaaa', 'aaaaa', 'aa bb']);
    expect(wrap('', 5)).toEqual(['']);
    expect(wrap('aaaaaaaaaa', 5)).toEqual(['aaaaa', 'aaaaa']);
  });

  it('shows what a terminal would obey', () => {
    expect(plain('a\nb\tc\u001b[31m\u009b\u007f\u202Ed')).toBe('a\\nb\\tc\\u001b[31m\\u009b\\u007f\\u202ed');
    expect(plain('grüße 日本 👍')).toBe('grüße 日本 👍');
  });
});

describe('a table', () => {
  const layout: readonly Column<{ id: string; name: string; n: number }>[] = [
    { title: 'ID', value: ({ id }) => id },
    { title: 'NAME', value: ({ name }) => name, flexible: true },
    { title: 'N', value: ({ n }) => String(n), right: true },
  ];

  it('has columns, with numbers to the right and no blanks at the end', () => {
    expect(
      table(
        layout,
        [
          { id: 'a', name: 'x', n: 1 },
          { id: 'bb', name: 'yyyyy', n: 100 },
        ],
        80,
        none,
      ),
    ).toBe('ID  NAME     N\na   x        1\nbb  yyyyy  100\n');
  });

  it('cuts what may be cut to fit, and never an id', () => {
    const text = table(layout, [{ id: 'i'.repeat(28), name: 'n'.repeat(200), n: 12 }], 50, none);
    for (const line of text.trimEnd().split('\n')) expect(line.length).toBeLessThanOrEqual(50);
    expect(text).toContain('i'.repeat(28));
    expect(text).toContain('…');
  });

  it('keeps a row on its line whatever it holds', () => {
    expect(table(layout, [{ id: 'a', name: 'x\ny\u001b[2J', n: 1 }], 80, none).split('\n')).toHaveLength(3);
  });

  it('is only its head when there is nothing', () => {
    expect(table(layout, [], 80, none)).toBe('ID  NAME  N\n');
  });
});

describe('a record', () => {
  it('wraps long values beside their name, and leaves whole what is copied whole', () => {
    const key = `tk_${'x'.repeat(90)}`;
    const lines = record(
      [
        ['Name', 'word '.repeat(20).trim()],
        ['Key', key, 'whole'],
      ],
      40,
      none,
    )
      .trimEnd()
      .split('\n');
    expect(lines[0]).toBe('Name  word word word word word word word');
    expect(lines[1]).toMatch(/^ {6}word/);
    expect(lines.at(-1)).toBe(`Key   ${key}`);
  });
});

describe('times', () => {
  it('are shown in UTC', () => {
    expect([shortTime(0), longTime(0), shortTime(null), longTime(null)]).toEqual([
      '1970-01-01 00:00',
      '1970-01-01T00:00:00Z',
      '–',
      'never',
    ]);
  });

  it.each([
    ['90', 90],
    ['90s', 90],
    ['15m', 900],
    ['12h', 43_200],
    ['30d', 2_592_000],
  ])('%s is %i seconds', (text, seconds) => {
    expect(durationSeconds(text)).toBe(seconds);
  });

  it.each(['', '-1', '1w', '1.5h', 'soon'])('%j is no duration', (text) => {
    expect(() => durationSeconds(text)).toThrow('such as 90s');
  });

  it('are taken as dates or as how long ago', () => {
    expect(momentMs('2026-11-21')).toBe(Date.UTC(2026, 10, 21));
    const weekMs = 7 * 86_400_000;
    const beforeMs = Date.now();
    const moment = momentMs('7d');
    expect(moment).toBeGreaterThanOrEqual(beforeMs - weekMs);
    expect(moment).toBeLessThanOrEqual(Date.now() - weekMs);
    for (const text of ['yesterday', '2026-13-45', '', '7']) expect(() => momentMs(text)).toThrow('must be a date');
  });

  it.each([
    [0, '0 s'],
    [59, '59 s'],
    [130, '2 min 10 s'],
    [3_600, '1 h'],
    [273_600, '3 d 4 h'],
  ])('%i seconds are %s', (seconds, text) => {
    expect(spanText(seconds)).toBe(text);
  });

  it.each([
    [512, '512 B'],
    [1_536, '1.5 KiB'],
    [1_073_741_824, '1.0 GiB'],
    [157_286_400, '150 MiB'],
  ])('%i bytes are %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });
});

it.each([
  [['-o', 'json'], true],
  [['tenant', 'list', '--output', 'json'], true],
  [['--output=json'], true],
  [['-ojson'], true],
  [['-o=json'], true],
  [['-o', 'text'], false],
  [[], false],
  [['-o', 'json', '-o', 'text'], false],
  [['send', 'c', '--', '-o', 'json'], false],
])('the words %j ask for JSON: %s', (words, expected) => {
  expect(asksForJson(words)).toBe(expected);
});

it('takes a bare name of a user as the own id of the customer', () => {
  const id = 'u_06aqx7m4e5v2k8r0d1f3g5h7j8';
  expect([userRef('alice'), userRef('ext:alice'), userRef(id), userRef('u_short')]).toEqual(['ext:alice', 'ext:alice', id, 'ext:u_short']);
});
