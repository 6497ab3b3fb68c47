/** Certificates for tests, made here: nothing but Node is needed. */
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** PEM texts. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  /** Its own certificate, as PEM. */
  readonly ca: string;
  /** @param names host names and IPv4 addresses that it is good for */
  issue(names: readonly string[]): Certificate;
}

const tlv = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
};
const sequence = (...parts: readonly Uint8Array[]): Buffer => tlv(0x30, ...parts);
const bytes = (...values: readonly number[]): Buffer => Buffer.from(values);
const octets = (...parts: readonly Uint8Array[]): Buffer => tlv(0x04, ...parts);
const bits = (content: Uint8Array, unused = 0): Buffer => tlv(0x03, bytes(unused), content);
const TRUE = tlv(0x01, bytes(0xff));

/** The dotted number of a thing, as it is encoded. */
function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const groups = rest.flatMap((part) => {
    const digits = [part & 0x7f];
    for (let left = part >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
    return digits;
  });
  return tlv(0x06, bytes(first * 40 + second, ...groups));
}

const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const [BASIC_CONSTRAINTS, KEY_USAGE, ALTERNATIVE_NAMES, EXTENDED_USAGE] = ['2.5.29.19', '2.5.29.15', '2.5.29.17', '2.5.29.37'].map(oid) as [Buffer, Buffer, Buffer, Buffer];
const [FOR_SERVERS, FOR_CLIENTS] = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'].map(oid) as [Buffer, Buffer];

const nameOf = (common: string): Buffer => sequence(tlv(0x31, sequence(oid('2.5.4.3'), tlv(0x0c, Buffer.from(common)))));
const timeOf = (ms: number): Buffer => tlv(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/[-T:]/g, '').slice(2, 14)}Z`));
const pem = (label: string, der: Uint8Array): string => `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64').replace(/(.{64})/g, '$1\n').trimEnd()}\n-----END ${label}-----\n`;

const DAY_MS = 86_400_000;

/** An authority of its own, whom nobody else knows. @param called its name, which shows in errors */
export function createAuthority(called = 'Talaria tests'): Authority {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const usage = (flags: number, unused: number): Buffer => sequence(KEY_USAGE, TRUE, octets(bits(bytes(flags), unused)));
  const ca = certificate(called, own.privateKey, called, own.publicKey, [sequence(BASIC_CONSTRAINTS, TRUE, octets(sequence(TRUE))), usage(0x06, 1)]);
  return {
    ca,
    issue(names) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const alternatives = names.map((name) => (isIPv4(name) ? tlv(0x87, bytes(...name.split('.').map(Number))) : tlv(0x82, Buffer.from(name))));
      const cert = certificate(called, own.privateKey, names[0] ?? 'none', publicKey, [
        sequence(ALTERNATIVE_NAMES, octets(sequence(...alternatives))), usage(0x80, 7), sequence(EXTENDED_USAGE, octets(sequence(FOR_SERVERS, FOR_CLIENTS))),
      ]);
      return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
    },
  };
}

function certificate(issuer: string, signing: KeyObject, subject: string, key: KeyObject, extensions: readonly Uint8Array[]): string {
  const nowMs = Date.now();
  const body = sequence(
    tlv(0xa0, tlv(0x02, bytes(2))), tlv(0x02, bytes(0x01), randomBytes(15)), ECDSA_WITH_SHA256, nameOf(issuer),
    sequence(timeOf(nowMs - DAY_MS), timeOf(nowMs + DAY_MS)), nameOf(subject), key.export({ type: 'spki', format: 'der' }), tlv(0xa3, sequence(...extensions)),
  );
  return pem('CERTIFICATE', sequence(body, ECDSA_WITH_SHA256, bits(sign('sha256', body, signing))));
}
