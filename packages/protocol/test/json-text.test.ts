import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkJsonText } from '../src/json-text.js';
import { limits } from '../src/limits.js';
import { refusal, refusalError } from './support/outcome.js';

const refused = (text: string): string => refusal(() => checkJsonText(text));

describe('checkJsonText', () => {
  it('gives what JSON.parse gives, for every value that is not too deep', () => {
    fc.assert(fc.property(fc.json({ maxDepth: 8, stringUnit: 'binary' }).filter((text) => !text.includes('__proto__')), (text) => {
      expect(checkJsonText(text)).toEqual(JSON.parse(text));
    }), { numRuns: 2_000 });
  });

  it('refuses exactly what JSON.parse refuses, for texts without keys', () => {
    fc.assert(fc.property(fc.string({ maxLength: 20 }).filter((text) => !text.includes('"')), (text) => {
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      if (valid) expect(() => checkJsonText(text)).not.toThrow();
      else expect(refused(text)).toBe('invalid_argument');
    }), { numRuns: 2_000 });
  });

  it('[BAD http.json-depth] takes as many levels as the limit says and no more', () => {
    const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
    expect(() => checkJsonText(deep(limits.json_depth_max))).not.toThrow();
    expect(refused(deep(limits.json_depth_max + 1))).toBe('invalid_argument');
    expect(refused(deep(10_000))).toBe('invalid_argument');
    expect(refused('{"a":'.repeat(10_000))).toBe('invalid_argument');
  });

  it('does not count brackets inside texts', () => {
    expect(checkJsonText(JSON.stringify({ a: '['.repeat(100), b: '\\"{{{{' }))).toEqual({ a: '['.repeat(100), b: '\\"{{{{' });
  });

  it('[BAD http.json-duplicate] finds a key that stands twice in one object, however it is written', () => {
    for (const text of ['{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '[{"x":{"a":1,"b":[],"a":1}}]', '{"é":1,"\\u00e9":2}', '{"/":1,"\\/":2}', '{"":1,"":2}']) {
      expect(refused(text), `of ${text}`).toBe('invalid_argument');
    }
  });

  it('lets the same key stand in different objects', () => {
    expect(checkJsonText('[{"a":{"a":1}},{"a":["a","a"]}]')).toEqual([{ a: { a: 1 } }, { a: ['a', 'a'] }]);
  });

  it('[BAD http.json-proto] refuses __proto__ as a key and leaves every prototype alone', () => {
    for (const text of ['{"__proto__":{"admin":true}}', '{"a":{"__proto__":1}}', '{"\\u005f\\u005fproto__":1}']) expect(refused(text), `of ${text}`).toBe('invalid_argument');
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
    expect(checkJsonText('["__proto__"]')).toEqual(['__proto__']);
  });

  it('[BAD http.json-surrogate] refuses half of a surrogate pair anywhere', () => {
    for (const text of ['"\\ud800"', '["a","\\uDFFF"]', '{"\\ud800":1}', '{"a":"\\ud800\\u0041"}']) expect(refused(text), `of ${text}`).toBe('invalid_argument');
    expect(checkJsonText('"\\ud83d\\ude00"')).toBe('😀');
    expect(checkJsonText('"\\\\ud800"')).toBe('\\ud800');
  });

  it('calls the refusal what the caller says, without the text in it', () => {
    const error = refusalError(() => checkJsonText('{"secret":1,', 'bad_frame'));
    expect(error.code).toBe('bad_frame');
    expect(error.message).not.toContain('secret');
  });

  it.each(['"', '"\\', '{"a', '{"a":"\\u12', '{"\\u00', '{"a":1}}', ']', '}', '{]', '[}'])('refuses %s', (text) => {
    expect(refused(text)).toBe('invalid_argument');
  });

  it('needs time in proportion to the length', () => {
    // A walk that looked ahead again and again would need minutes for these, and outlast the test's time.
    const spaces = `{${Array.from({ length: 3_000 }, (_, at) => `"${at}"${' '.repeat(100)}:1`).join(',')}}`;
    const texts = JSON.stringify(Array.from({ length: 100_000 }, () => 'a'));
    const escapes = `["${'\\ud83d\\ude00'.repeat(50_000)}"]`;
    for (const text of [spaces, texts, escapes]) expect(() => checkJsonText(text)).not.toThrow();
  });
});
