import type { Keyring } from '../domain/auth/keyring.js';

/** RES2: everything in the followed streams up to a store-wide position has been sent. Sealed, for one user of one app (RES8). */
export interface SyncTokens {
  make(app: string, user: string, position: number): Uint8Array;
  /** @returns the position, or undefined for a token of another user, another store epoch, or none of ours */
  read(app: string, user: string, token: Uint8Array): number | undefined;
}

export function createSyncTokens(keyring: Keyring, epoch: string): SyncTokens {
  const context = (app: string, user: string): string => `${app} ${user} ${epoch}`;
  return {
    make(app, user, position) {
      const plain = Buffer.alloc(8);
      plain.writeBigUInt64BE(BigInt(position));
      return keyring.seal('sync-token', plain, context(app, user));
    },
    read(app, user, token) {
      const plain = keyring.open('sync-token', token, context(app, user));
      return plain?.length === 8 ? Number(plain.readBigUInt64BE()) : undefined;
    },
  };
}
