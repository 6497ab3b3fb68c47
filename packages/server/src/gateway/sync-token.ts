import type { Keyring } from '../domain/auth/keyring.js';

/** A place in the log of the whole store. After a restore the same position is another fact, and another check tells (RES5). */
export interface SyncPlace {
  readonly position: number;
  /** Of the event id there. */
  readonly check: number;
}

/** RES2: everything in the followed streams up to a store-wide place has been sent. Sealed, for one user of one app (RES8). */
export interface SyncTokens {
  make(app: string, user: string, place: SyncPlace): Uint8Array;
  /** @returns the place, or undefined for a token of another user, another store epoch, or none of ours */
  read(app: string, user: string, token: Uint8Array): SyncPlace | undefined;
}

const POSITION_BYTES = 8;
const TOKEN_BYTES = 12;

export function createSyncTokens(keyring: Keyring, epoch: string): SyncTokens {
  const context = (app: string, user: string): string => `${app} ${user} ${epoch}`;
  return {
    make(app, user, { position, check }) {
      const plain = Buffer.alloc(TOKEN_BYTES);
      plain.writeBigUInt64BE(BigInt(position));
      plain.writeUInt32BE(check, POSITION_BYTES);
      return keyring.seal('sync-token', plain, context(app, user));
    },
    read(app, user, token) {
      const plain = keyring.open('sync-token', token, context(app, user));
      return plain?.length === TOKEN_BYTES ? { position: Number(plain.readBigUInt64BE()), check: plain.readUInt32BE(POSITION_BYTES) } : undefined;
    },
  };
}
