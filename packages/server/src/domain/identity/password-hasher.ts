import { ProtocolError } from '@talaria/protocol';

/** Slow and with a salt of its own; off the event loop. */
export interface PasswordHash {
  hash(password: string): Promise<string>;
  /** @param hash as `hash` gave it */
  verify(hash: string, password: string): Promise<boolean>;
}

export interface PasswordHasher extends PasswordHash {
  /** How many wait for their turn. */
  readonly waiting: number;
}

export interface PasswordHasherBounds {
  /** At once: each takes a thread of the pool that files and names need, too, and 19 MiB. */
  readonly running_max: number;
  /** For their turn (FLW3). */
  readonly waiting_max: number;
}

export const defaultPasswordHasherBounds: PasswordHasherBounds = { running_max: 2, waiting_max: 128 };
const RETRY_MS = 1_000;

/** Passwords are hashed a few at a time, in order. @throws ProtocolError overloaded when too many wait, before anything is done */
export function createPasswordHasher({ hash, verify }: PasswordHash, { running_max, waiting_max }: PasswordHasherBounds = defaultPasswordHasherBounds): PasswordHasher {
  const queue: (() => void)[] = [];
  let running = 0;

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= running_max) {
      if (queue.length >= waiting_max) throw new ProtocolError('overloaded', 'Too many passwords are being checked.', { retryAfterMs: RETRY_MS });
      // Whoever is done hands the place on.
      await new Promise<void>((resolve) => void queue.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else running -= 1;
    }
  }

  return {
    get waiting() {
      return queue.length;
    },
    hash: (password) => inTurn(() => hash(password)),
    verify: (known, password) => inTurn(() => verify(known, password)),
  };
}
