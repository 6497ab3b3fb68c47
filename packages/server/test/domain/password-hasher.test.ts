import { describe, expect, it } from 'vitest';
import { commonPasswords } from '../../src/domain/identity/common-passwords.js';
import { createPasswordHasher } from '../../src/domain/identity/password-hasher.js';
import { checkPassword, loginText, passwordText } from '../../src/domain/identity/password-rules.js';
import { argon2id } from '../../src/runtime/argon2.js';

/** Work that the test ends. */
function staged() {
  const running: (() => void)[] = [];
  const work = (): Promise<void> => new Promise((resolve) => void running.push(resolve));
  return { running, hash: { hash: (text: string) => work().then(() => text), verify: () => work().then(() => true) } };
}
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

describe('hashing', () => {
  it('runs a few at once, in order, and refuses before it is asked for too many', async () => {
    const { running, hash } = staged();
    const hasher = createPasswordHasher(hash, { running_max: 2, waiting_max: 3 });
    const done: string[] = [];
    const all = ['a', 'b', 'c', 'd', 'e'].map((text) => hasher.hash(text).then((made) => done.push(made)));
    await turns();
    expect([running.length, hasher.waiting]).toEqual([2, 3]);
    await expect(hasher.verify('x', 'y')).rejects.toMatchObject({ code: 'overloaded', retryAfterMs: 1_000 });
    for (let at = 0; at < 5; at += 1) {
      running[at]!();
      await turns();
      expect(running).toHaveLength(Math.min(5, at + 3));
    }
    await Promise.all(all);
    expect([done, hasher.waiting]).toEqual([['a', 'b', 'c', 'd', 'e'], 0]);
    const again = hasher.verify('x', 'y');
    await turns();
    running[5]!();
    expect(await again).toBe(true);
  });

  it('goes on behind one that has failed', async () => {
    const hasher = createPasswordHasher({ hash: () => Promise.reject(new Error('staged')), verify: () => Promise.resolve(true) }, { running_max: 1, waiting_max: 1 });
    for (let turn = 0; turn < 3; turn += 1) await expect(hasher.hash('x')).rejects.toThrow('staged');
    expect(await hasher.verify('x', 'y')).toBe(true);
  });

  it('is argon2id with 19 MiB and two passes, and a salt of its own', async () => {
    const [one, two] = [await argon2id.hash('correct horse'), await argon2id.hash('correct horse')];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(one).not.toBe(two);
    expect([await argon2id.verify(one, 'correct horse'), await argon2id.verify(one, 'correct horse ')]).toEqual([true, false]);
  });
});

describe('a password', () => {
  it.each(['short', '1234567', 'aaaaaaaa', 'abababab', 'password', 'PassWord1', 'alice@example.com', 'ALICE@example.COM', 'ｐａｓｓｗｏｒｄ'])('%s is refused', (password) => {
    expect(() => checkPassword(password, 'alice@example.com', 'password')).toThrow(expect.objectContaining({ code: 'invalid_argument', field: 'password' }));
  });

  it.each(['correct horse', 'パスワードは秘密です', '🙂🙃😉😊😋😎😍🤔', ' spaces count '])('%s is taken', (password) => {
    expect(() => checkPassword(password, 'alice', 'password')).not.toThrow();
  });

  it('is one text on every keyboard, and a login in any capitals', () => {
    expect(passwordText('e\u0301te\u0301 2024')).toBe(passwordText('été 2024'));
    expect(loginText('Ａlice@Example.COM')).toBe('alice@example.com');
  });

  it('is held against a list of which every word could be one', () => {
    expect(commonPasswords.size).toBeGreaterThan(150);
    for (const word of commonPasswords) if (word.length < 8 || word !== word.toLowerCase()) throw new Error(word);
  });
});
