/** Argon2id (RFC 9106) with what OWASP's Password Storage Cheat Sheet recommends: 19 MiB, two passes, one lane. In threads of libuv. */
import { hash, verify } from '@node-rs/argon2';

/** The package's names for numbers are compiled away. */
const ARGON2ID = 2;
const OPTIONS = { algorithm: ARGON2ID, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export const argon2id = {
  hash: (password: string): Promise<string> => hash(password, OPTIONS),
  /** By the cost that stands in the hash. */
  verify: (known: string, password: string): Promise<boolean> => verify(known, password),
};
