import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemRandom } from '../../src/runtime/random.js';
import { checkOf, loadSecrets, writePrivateFile } from '../../src/runtime/secrets.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'talaria-secrets-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const path = (): string => join(dir, 'secrets.json');
const load = (given?: Uint8Array): string => Buffer.from(loadSecrets(dir, systemRandom(), given)).toString('hex');
const given = new Uint8Array(32).fill(9);

describe('the secret of the installation', () => {
  it('is made once, with 32 random bytes that only the owner may read', () => {
    const first = load();
    expect(first).toHaveLength(64);
    expect(load()).toBe(first);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(['secrets.json']);
  });

  it('becomes private again when somebody opened it up', () => {
    load();
    chmodSync(path(), 0o644);
    load();
    expect(statSync(path()).mode & 0o777).toBe(0o600);
  });

  it('is not written down when it is given', () => {
    expect(load(given)).toBe(Buffer.from(given).toString('hex'));
    expect(readFileSync(path(), 'utf8')).not.toContain(Buffer.from(given).toString('base64url').slice(0, 8));
    expect(load(given)).toBe(Buffer.from(given).toString('hex'));
  });

  it('must be given again when it was given first, and must be the same', () => {
    load(given);
    expect(() => load()).toThrow(/^secret is missing: .*set TALARIA_SECRET/);
    expect(() => load(new Uint8Array(32).fill(1))).toThrow(/^secret is another one than/);
  });

  it('[CLU1] must be the one that a database was made with which other nodes use', () => {
    expect(() => loadSecrets(dir, systemRandom(), undefined, checkOf(given))).toThrow(/^secret is missing: the database was made with one; set the same TALARIA_SECRET/);
    expect(readdirSync(dir)).toEqual([]);
    expect(() => loadSecrets(dir, systemRandom(), new Uint8Array(32), checkOf(given))).toThrow(/^secret is another one than the database/);
    rmSync(path());
    expect(loadSecrets(dir, systemRandom(), given, checkOf(given))).toBe(given);
    rmSync(path());
    const made = loadSecrets(dir, systemRandom(), undefined, null);
    expect(() => loadSecrets(dir, systemRandom(), undefined, checkOf(given))).toThrow(/^secret is another one than the database/);
    expect(Buffer.from(loadSecrets(dir, systemRandom(), undefined, checkOf(made))).equals(made)).toBe(true);
  });

  it('may be given when it is the one in the file', () => {
    const first = load();
    expect(load(Buffer.from(first, 'hex'))).toBe(first);
    expect(() => load(given)).toThrow(/^secret is another one than/);
  });

  it.each([
    [
      '[BAD cli.secret] fewer than 32 bytes',
      JSON.stringify({ version: 1, secret: Buffer.alloc(31).toString('base64url') }),
      /secrets\.json: secret must have at least 32 bytes, not 31$/,
    ],
    ['text', 'hello', /secrets\.json is not JSON/],
    ['no secret', '{}', /secrets\.json has no field secret$/],
    ['a list', '[]', /secrets\.json has no field secret$/],
  ])('is refused when the file holds %s', (_name, text, message) => {
    writeFileSync(path(), text);
    expect(() => load()).toThrow(message);
  });

  it('is not made anew beside a database that was sealed with another', () => {
    writeFileSync(join(dir, 'talaria.db'), 'SQLite format 3\0 and so on');
    expect(() => load()).toThrow(/secrets\.json is missing, and the database beside it/);
    expect(readdirSync(dir)).toEqual(['talaria.db']);
  });
});

it('a private file replaces what was there as a whole', () => {
  writeFileSync(path(), 'old and longer', { mode: 0o644 });
  writePrivateFile(path(), 'new');
  expect(readFileSync(path(), 'utf8')).toBe('new');
  expect(statSync(path()).mode & 0o777).toBe(0o600);
  expect(readdirSync(dir)).toEqual(['secrets.json']);
});
