import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readPast, walkKey } from '../src/past.js';

const directory = mkdtempSync(join(tmpdir(), 'talaria-past-'));
afterAll(() => rmSync(directory, { recursive: true }));

const lines = [
  { k: 'client' }, { k: 'invoke', client_id: 'c1' }, { k: 'invoke', client_id: 'c2' }, { k: 'invoke', client_id: 'c3' }, { k: 'observe', observer: 'o', stream: 's', after_seq: 4 },
  { k: 'fact', observer: 'o', stream: 's', seq: 5 }, { k: 'range', observer: 'o', stream: 's', from_seq: 6, to_seq: 9 }, { k: 'ack', client_id: 'c1' }, { k: 'restart' }, { k: 'client' },
  { k: 'fail', client_id: 'c3' }, { k: 'observe', observer: 'p', stream: 's', after_seq: 0 },
].map((line) => JSON.stringify(line)).join('\n');

it('a file that is not there has no past', () => {
  expect(readPast(join(directory, 'none'))).toEqual({ runs: 0, unanswered: [], reached: new Map() });
});

it('tells what is unanswered, and how far each observer has come', () => {
  const file = join(directory, 'some');
  writeFileSync(file, `${lines}\n{"k":"ack","client_id":"c2`);
  expect(readPast(file)).toEqual({ runs: 2, unanswered: ['c2'], reached: new Map([[walkKey('o', 's'), 9], [walkKey('p', 's'), 0]]) });
});
