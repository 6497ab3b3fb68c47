import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HistoryError, historyOf, judge, openHistory, readHistory, type Entry } from '../src/index.js';
import { LINE_BYTES_MAX } from '../src/schema.js';
import { room } from './script.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'checker-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const ONE = '{"k":"client","client":"one","app":"a","user":"u_1","outbox":"o","at":1}\n';

/** The message of the error that reading the directory ends in. */
function problem(files: Record<string, string>): string {
  for (const [name, text] of Object.entries({ 'log.ndjson': '', ...files })) writeFileSync(join(dir, name), text);
  try {
    readHistory(dir);
  } catch (error) {
    expect(error).toBeInstanceOf(HistoryError);
    return (error as Error).message;
  }
  return 'none';
}

describe('a bad line', () => {
  const bad: [string, string][] = [
    ['{"k":"restart","at":2', 'is not JSON'],
    ['[]', 'is not a JSON object'],
    ['null', 'is not a JSON object'],
    ['{"at":2}', 'has no known k (null)'],
    ['{"k":"constructor","at":2}', 'has no known k ("constructor")'],
    ['{"k":"restart"}', 'restart: at must be a finite number'],
    ['{"k":"restart","at":2,"why":"x"}', 'restart: unknown field "why"'],
    ['{"k":"restart","at":2,"__proto__":{}}', 'restart: unknown field "__proto__"'],
    ['{"k":"observe","observer":"o","stream":"c","after_seq":-1,"at":2}', 'observe: after_seq must be a whole number from 0'],
    ['{"k":"observe","observer":"o","stream":"c","after_seq":1.5,"at":2}', 'observe: after_seq must be a whole number from 0'],
    ['{"k":"observe","observer":"o\\u0000","stream":"c","after_seq":1,"at":2}', 'observe: observer must be a name of 1 to 256 printable characters'],
    ['{"k":"ack","client_id":"x","stream":"c","seq":0,"event_id":"e","duplicate":false,"at":2}', 'ack: seq must be a whole number from 1'],
    ['{"k":"invoke","client_id":"x","op":"o","stream":"c","outbox":"","body":"abc","at":2}', 'invoke: body must be a SHA-256 in lower-case hex'],
    ['{"k":"range","observer":"o","stream":"c","from_seq":3,"to_seq":2,"cause":"skipped","at":2}', 'range: from_seq must not be above to_seq'],
    ['{"k":"range","observer":"o","stream":"c","from_seq":1,"to_seq":2,"cause":"lost","at":2}', 'range: cause must be one of membership, retention, truncated, skipped'],
    ['{"k":"floor","stream":"c","floor_seq":2,"at":2}', 'floor belongs in log.ndjson'],
    ['{"k":"restart","at":0}', 'at goes back: H6 compares it between clients'],
    ['{"k":"client","client":"two","app":"a","user":"u_1","outbox":"o","at":2}', 'client "two" does not belong in this file'],
    ['{"k":"client","client":"one","app":"b","user":"u_1","outbox":"o","at":2}', 'one file is one client of one app and user'],
  ];

  test.each(bad)('[H3] %s', (line, text) => {
    expect(problem({ 'one.ndjson': `${ONE}${line}\n` })).toBe(`one.ndjson:2: ${text}`);
  });

  test('[H3] a line that is too long', () => {
    expect(problem({ 'one.ndjson': `${ONE}${'x'.repeat(LINE_BYTES_MAX + 1)}\n` })).toBe(`one.ndjson:2: is longer than ${LINE_BYTES_MAX} bytes`);
    expect(problem({ 'one.ndjson': `${ONE}${'x'.repeat(3 * 1024 * 1024)}` })).toBe(`one.ndjson:2: is longer than ${LINE_BYTES_MAX} bytes`);
  });

  test('[H3] an empty line', () => {
    expect(problem({ 'one.ndjson': `${ONE}\n` })).toBe('one.ndjson:2: is not JSON');
  });

  test('[H3] a file that does not begin with its client', () => {
    expect(problem({ 'one.ndjson': '{"k":"restart","at":2}\n' })).toBe('one.ndjson:1: the first line must be the client');
  });

  test("[H3] a client's line in the log", () => {
    expect(problem({ 'log.ndjson': ONE })).toBe('log.ndjson:1: client does not belong in log.ndjson');
  });

  test('[H8] a canary of two apps', () => {
    const canary = (app: string): string => `{"k":"canary","app":"${app}","text_hash":"${'a'.repeat(64)}","at":1}\n`;
    expect(problem({ 'one.ndjson': ONE + canary('a') + canary('b') })).toBe('one.ndjson:3: the canary belongs to the app a already');
  });
});

describe('an absent history', () => {
  test('[H3] no directory, no log, no history in memory', () => {
    expect(() => readHistory(join(dir, 'none'))).toThrow(`cannot read the history ${join(dir, 'none')}: no such file or directory`);
    writeFileSync(join(dir, 'one.ndjson'), ONE);
    expect(() => readHistory(join(dir, 'one.ndjson'))).toThrow(`cannot read the history ${join(dir, 'one.ndjson')}: not a directory`);
    expect(() => readHistory(dir)).toThrow(`${dir}: has no log.ndjson, the server's log, so there is nothing to judge by`);
    expect(() => historyOf([])).toThrow('the history has no log.ndjson');
  });

  test('[H3] other files in the directory are left alone', () => {
    expect(problem({ 'one.ndjson': ONE, 'notes.txt': 'x', 'one.ndjson.gz': 'x' })).toBe('none');
  });
});

describe('half a line at the end', () => {
  test('[H3] of a client that was killed says nothing', () => {
    expect(problem({ 'one.ndjson': `${ONE}{"k":"resta` })).toBe('none');
    expect(readHistory(dir).clients[0]?.lines).toEqual([]);
  });

  test('[H3] that is whole but for its newline counts', () => {
    expect(problem({ 'one.ndjson': `${ONE}{"k":"restart","at":2}` })).toBe('none');
    expect(readHistory(dir).clients[0]?.lines).toEqual([{ k: 'restart', at: 2, line: 2 }]);
  });

  test('[H3] of the log is a log that is not whole', () => {
    expect(problem({ 'log.ndjson': '{"k":"lo' })).toBe('log.ndjson:1: is not JSON');
  });

  test('[H3] is cut off when the client opens its file again', () => {
    const file = join(dir, 'one.ndjson');
    writeFileSync(file, `${ONE}{"k":"resta`);
    const history = openHistory(dir, 'one', { now: () => 5.25 });
    expect(history).toMatchObject({ file, resumed: true });
    history.write({ k: 'restart' });
    history.close();
    expect(readFileSync(file, 'utf8')).toBe(`${ONE}{"k":"restart","at":5.25}\n`);
  });
});

describe('the writer', () => {
  test('[H6] writes what the reader reads, on a clock that does not go back', () => {
    const run = room(4);
    run.sent('one', 'c', 3);
    run.sent('one', 'c', 4);
    run.observe('one', 'c', 0);
    run.saw('one', 'c', 1, 2, 3, 4);
    for (const { name, entries } of run.files()) {
      const history = openHistory(join(dir, 'new'), name.replace('.ndjson', ''));
      expect(history.resumed).toBe(false);
      for (const { at: _at, line: _line, ...entry } of entries) history.write(entry as Entry);
      history.close();
    }
    expect(judge(join(dir, 'new'))).toEqual(run.verdict());
  });

  test('[H6] takes no half of a character for a line of its own across chunks', () => {
    const history = openHistory(dir, 'one');
    history.write({ k: 'client', client: 'one', app: 'a', user: 'u_ü', outbox: '' });
    for (let i = 0; i < 3000; i += 1) history.write({ k: 'unknown', client_id: `${i}`, reason: 'ü€𝄞'.repeat(300 + (i % 7)) });
    history.close();
    appendFileSync(join(dir, 'log.ndjson'), '');
    const lines = readHistory(dir).clients[0]?.lines ?? [];
    expect(lines).toHaveLength(3000);
    expect(lines.every((line, i) => line.k === 'unknown' && line.client_id === `${i}` && line.reason === 'ü€𝄞'.repeat(300 + (i % 7)))).toBe(true);
  });

  test('[H3] refuses what is no entry, and a name that is no file of the directory', () => {
    const history = openHistory(dir, 'one');
    expect(() => history.write({ k: 'fault', name: 'F1', in_flight: -1 })).toThrow('not a line of a history: fault: in_flight must be a whole number from 0');
    expect(() => history.write({ k: 'unknown', client_id: 'x', reason: 'x'.repeat(5000) })).toThrow('reason must be text of at most 4096 characters');
    history.close();
    expect(readFileSync(history.file, 'utf8')).toBe('');
    expect(() => openHistory(dir, '../one')).toThrow('not a name for a history file');
  });
});
