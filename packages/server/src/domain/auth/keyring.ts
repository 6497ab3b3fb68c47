import { createCipheriv, createDecipheriv, createHmac, hash, hkdfSync } from 'node:crypto';
import type { Random } from '../../runtime/random.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Keys that are derived from the installation's one secret (HKDF, RFC 5869), each for one purpose. */
export interface Keyring {
  /** SND3: 132 bits of a keyed hash over a request's canonical text, so that what was deleted cannot be guessed from it. */
  requestHash(text: string): string;
  /** HMAC-SHA256 with a key for the purpose: what only this installation could have made. */
  mac(purpose: MacPurpose, text: string): Buffer;
  /** Authenticated encryption (AES-256-GCM): for what leaves the server and must come back unread and unchanged. */
  seal(purpose: SealPurpose, plain: Uint8Array, context: string): Buffer;
  /** @returns undefined when it was not sealed here, for this purpose and context */
  open(purpose: SealPurpose, sealed: Uint8Array, context: string): Buffer | undefined;
}

export type MacPurpose = 'refresh-tag' | 'refresh-next' | 'attempt-name' | 'operator-csrf';
export type SealPurpose = 'access-token' | 'sync-token' | 'app-secret' | 'page-cursor' | 'tenant-database';

/** @param secret at least 32 bytes, from `secrets.json` */
export function createKeyring(secret: Uint8Array, random: Random): Keyring {
  if (secret.length < 32) throw new Error('the installation secret must have at least 32 bytes');
  const derive = (purpose: string): Buffer => Buffer.from(hkdfSync('sha256', secret, 'talaria', purpose, 32));
  const requestKey = derive('request-hash').toString('hex');
  const sealKeys: Record<SealPurpose, Buffer> = {
    'access-token': derive('access-token'), 'sync-token': derive('sync-token'), 'app-secret': derive('app-secret'), 'page-cursor': derive('page-cursor'), 'tenant-database': derive('tenant-database'),
  };
  const macKeys: Record<MacPurpose, Buffer> = { 'refresh-tag': derive('refresh-tag'), 'refresh-next': derive('refresh-next'), 'attempt-name': derive('attempt-name'), 'operator-csrf': derive('operator-csrf') };
  return {
    mac: (purpose, text) => createHmac('sha256', macKeys[purpose]).update(text).digest(),
    // Half of a hash cannot be extended, so the key before the text is enough, at a third of an HMAC's cost.
    requestHash: (text) => hash('sha256', requestKey + text, 'base64url').slice(0, 22),
    seal(purpose, plain, context) {
      const nonce = Buffer.alloc(NONCE_BYTES);
      random.fill(nonce);
      const cipher = createCipheriv('aes-256-gcm', sealKeys[purpose], nonce).setAAD(Buffer.from(context));
      return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open(purpose, sealed, context) {
      if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.length);
      const decipher = createDecipheriv('aes-256-gcm', sealKeys[purpose], bytes.subarray(0, NONCE_BYTES)).setAAD(Buffer.from(context));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
      } catch {
        return undefined;
      }
    },
  };
}
