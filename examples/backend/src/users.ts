/** The app's own users. A real backend has them in its database; nothing else of this example changes then. */
import { scryptSync, timingSafeEqual } from 'node:crypto';

export interface User {
  /** What Talaria calls the external id. It never changes, unlike a login or a name. */
  readonly id: string;
  readonly name: string;
}

interface Account extends User {
  readonly salt: string;
  readonly hash: Buffer;
}

export interface Users {
  /** @returns undefined for a wrong password and for an unknown login, at the same cost */
  check(login: string, password: string): User | undefined;
}

const hashOf = (password: string, salt: string): Buffer => scryptSync(password, salt, 32);

function account(id: string, name: string, password: string): Account {
  const salt = `salt of ${id}`;
  return { id, name, salt, hash: hashOf(password, salt) };
}

/** Alice and Bob buy, Sam works in the shop. */
export function demoUsers(): Users {
  const accounts = new Map([account('alice', 'Alice', 'wonderland'), account('bob', 'Bob', 'builder'), account('sam', 'Sam of the shop', 'potatoes')].map((one) => [one.id, one]));
  const nobody = account('', '', '');
  return {
    check(login, password) {
      const known = accounts.get(login);
      const { id, name, salt, hash } = known ?? nobody;
      return timingSafeEqual(hashOf(password, salt), hash) && known ? { id, name } : undefined;
    },
  };
}
