import { describe, expect, it } from 'vitest';
import { createPinoLog, type PinoLogOptions } from '../../src/runtime/pino-log.js';
import type { Log } from '../../src/runtime/log.js';

function record(options: Partial<PinoLogOptions>, write: (log: Log) => void): string {
  let text = '';
  write(createPinoLog({ level: 'info', format: 'json', colour: false, ...options, write: (line) => void (text += line) }));
  return text;
}

describe('JSON lines', () => {
  it('hold time, level, event and fields, those of `with` too', () => {
    const line = record({}, (log) => log.with({ app: 'a_1' }).warn('token.refused', { reason: 'expired', tries: 2, gone: undefined }));
    expect(JSON.parse(line)).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      app: 'a_1',
      reason: 'expired',
      tries: 2,
      event: 'token.refused',
    });
    expect(line.endsWith('\n')).toBe(true);
  });

  it('leave out what is below the level', () => {
    expect(record({ level: 'error' }, (log) => log.warn('x'))).toBe('');
    expect(record({ level: 'debug' }, (log) => log.debug('x'))).toContain('"debug"');
    expect(record({ level: 'silent' }, (log) => log.error('x'))).toBe('');
  });

  it('keep their own fields when a caller uses the same names', () => {
    expect(JSON.parse(record({}, (log) => log.info('real', { event: 'fake', level: 'fake' })))).toMatchObject({
      event: 'real',
      level: 'info',
      event_: 'fake',
      level_: 'fake',
    });
  });
});

describe.each(['json', 'pretty'] as const)('in the form %s', (format) => {
  it('control characters of values are escaped, so that a value makes no line and no colour', () => {
    const nasty = 'a\nb\r\u0000\u001b[31m\u007f\u009b2J\u2028\u202Eend';
    const line = record({ format }, (log) => log.info('user.named', { name: nasty }));
    expect(line.match(/\n/g)).toHaveLength(1);
    // eslint-disable-next-line no-control-regex
    expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
    expect(line).toContain('end');
  });

  it('keys and tokens are hidden, by what they look like and by the name of their field', () => {
    const key = `tk_0123456789abcdefghjkmnpqrs_${'a1'.repeat(26)}`;
    const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLW9mLXRva2Vu';
    const line = record({ format }, (log) =>
      log.error('oops', {
        reason: `no good: ${key} and Bearer ${token}.`,
        signing_secret: 'hunter2',
        password: 'hunter2',
        tokens: 3,
        key: 'k_1',
      }),
    );
    for (const leak of [key, key.slice(30), token, 'c2lnbmF0', 'hunter2']) expect(line).not.toContain(leak);
    expect(line).toMatch(/tk_0123\[hidden\]/);
    expect(line).toMatch(/tokens"?[:=]3/);
    expect(line).toContain('k_1');
  });
});

describe('pretty lines', () => {
  it('are short, and have colour only when it is wanted', () => {
    const plain = record({ format: 'pretty' }, (log) => log.info('server.started', { port: 7_400, note: 'two words' }));
    expect(plain).toMatch(/^\d\d:\d\d:\d\d\.\d{3} INFO {2}server\.started port=7400 note="two words"\n$/);
    expect(record({ format: 'pretty', colour: true }, (log) => log.info('x'))).toContain('\u001b[');
  });
});

it('is JSON when nobody watches and the form is left open', () => {
  expect(process.stderr.isTTY ?? false).toBe(false);
  expect(record({ format: 'auto' }, (log) => log.info('x')).startsWith('{')).toBe(true);
});
