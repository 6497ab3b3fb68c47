import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  eventCheck, formatId, fromBase32, idBytes, idPrefixes, isId, isStreamId, messageId, parseMessageId, toBase32, type IdKind,
} from '../src/ids.js';
import { hex } from './support/bytes.js';
import { refusal } from './support/outcome.js';

const kinds = Object.keys(idPrefixes) as IdKind[];
const anyKind = fc.constantFrom(...kinds);
const bytes16 = fc.uint8Array({ minLength: 16, maxLength: 16 });
const CONVERSATION = 'c_06aqx7m4e5v2k8r0d1f3g5h7j8';

describe('base32', () => {
  it.each([
    ['', ''], ['00', '00'], ['ff', 'zw'], ['0102', '0410'], ['deadbeef', 'vtpvxvr'], ['ffffffffff', 'zzzzzzzz'],
  ])('of %s is %s', (bytes, text) => {
    expect(toBase32(Uint8Array.from(Buffer.from(bytes, 'hex')))).toBe(text);
    expect(hex(fromBase32(text)!)).toBe(bytes);
  });

  it('comes back as the same bytes, of any length', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      expect(hex(fromBase32(toBase32(bytes))!)).toBe(hex(bytes));
    }), { numRuns: 2_000 });
  });

  it('has one text for each bytes: what is read back is written the same', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'0123456789abcdefghjkmnpqrstvwxyz'.split('')), maxLength: 40 }), (text) => {
      const bytes = fromBase32(text);
      if (bytes) expect(toBase32(bytes)).toBe(text);
    }), { numRuns: 5_000 });
  });

  it('keeps the order of the bytes', () => {
    fc.assert(fc.property(bytes16, bytes16, (a, b) => {
      expect(Math.sign(Buffer.compare(a, b))).toBe(toBase32(a) < toBase32(b) ? -1 : toBase32(a) > toBase32(b) ? 1 : 0);
    }));
  });

  it.each([['a capital letter', 'ZW'], ['i', '0i'], ['l', '0l'], ['o', '0o'], ['u', '0u'], ['a space', '0 '], ['beyond ASCII', '0é'], ['padding', 'zw=='], ['bits that are left over', 'zz'], ['a character too many', '000']])(
    'refuses %s', (_, text) => {
      expect(fromBase32(text)).toBeUndefined();
    });
});

describe('ids', () => {
  it('come back as the same bytes, for their own kind only', () => {
    fc.assert(fc.property(anyKind, bytes16, (kind, bytes) => {
      const id = formatId(kind, bytes);
      expect(id).toMatch(new RegExp(`^${idPrefixes[kind]}_[0-9a-z]{26}$`));
      expect(hex(idBytes(kind, id)!)).toBe(hex(bytes));
      for (const other of kinds) expect(isId(other, id), `of ${other}`).toBe(other === kind);
      expect(isStreamId(id)).toBe(kind === 'conversation' || kind === 'user');
    }));
  });

  it('are told by their text alone as by their bytes', () => {
    const characters = fc.constantFrom(...'0123456789abcdefghjkmnpqrstvwxyzilouA_- \n'.split(''));
    const changed = fc.tuple(anyKind, bytes16, fc.nat(28), characters, fc.constantFrom(0, 1, 2)).map(([kind, bytes, at, character, drop]) => {
      const id = formatId(kind, bytes);
      return `${id.slice(0, at)}${character}${id.slice(at + drop)}`;
    });
    fc.assert(fc.property(anyKind, fc.oneof(changed, fc.string()), (kind, id) => {
      expect(isId(kind, id)).toBe(idBytes(kind, id) !== undefined);
    }), { numRuns: 5_000 });
  });

  it('have a prefix of their own for each kind', () => {
    expect(new Set(Object.values(idPrefixes)).size).toBe(kinds.length);
    // Messages have ids of another build, under the prefix m.
    expect(Object.values(idPrefixes)).not.toContain('m');
  });

  it.each([
    ['nothing', ''], ['the prefix alone', 'c_'], ['no prefix', CONVERSATION.slice(2)], ['a dash', CONVERSATION.replace('_', '-')], ['too short', CONVERSATION.slice(0, -1)],
    ['too long', `${CONVERSATION}0`], ['capitals', CONVERSATION.toUpperCase()], ['a path', 'c_../../../../etc/passwd0000'], ['a NUL', `${CONVERSATION.slice(0, -1)}\0`],
    ['white space', ` ${CONVERSATION}`], ['bits beyond the 128th', `${CONVERSATION.slice(0, -1)}9`], ['a wide digit', `${CONVERSATION.slice(0, -1)}８`],
  ])('[BAD http.id] %s is no id', (_, id) => {
    expect(isId('conversation', id)).toBe(false);
    expect(isStreamId(id)).toBe(false);
    expect(idBytes('conversation', id)).toBeUndefined();
  });
});

describe('message ids', () => {
  const anySeq = fc.oneof(fc.maxSafeNat(), fc.constantFrom(1, 255, 256, 2 ** 24, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 48, Number.MAX_SAFE_INTEGER)).filter((seq) => seq > 0);

  it('name conversation and seq', () => {
    fc.assert(fc.property(bytes16, anySeq, (bytes, seq) => {
      const conversationId = formatId('conversation', bytes);
      expect(parseMessageId(messageId(conversationId, seq))).toEqual({ conversationId, seq });
    }), { numRuns: 2_000 });
  });

  it('have the order of the messages of a conversation', () => {
    fc.assert(fc.property(anySeq, anySeq, (a, b) => {
      expect(messageId(CONVERSATION, a) < messageId(CONVERSATION, b)).toBe(a < b);
    }));
  });

  it('stay what they are', () => {
    expect(messageId(CONVERSATION, 42)).toBe('m_06aqx7m4e5v2k8r0d1f3g5h7j80000000002m');
    expect(messageId(CONVERSATION, Number.MAX_SAFE_INTEGER)).toBe('m_06aqx7m4e5v2k8r0d1f3g5h7j8fzzzzzzzzzy');
  });

  it('are made of conversations only', () => {
    expect(refusal(() => messageId(CONVERSATION.replace('c', 'u'), 1))).toBe('invalid_argument');
    expect(refusal(() => messageId('', 1))).toBe('invalid_argument');
  });

  it.each([
    ['nothing', ''], ['another kind', CONVERSATION], ['too short', 'm_06aqx7m4e5v2k8r0d1f3g5h7j8'], ['too long', 'm_06aqx7m4e5v2k8r0d1f3g5h7j80000000002m0'],
    ['seq 0', messageId(CONVERSATION, 0)], ['a seq above 2^53', `m_${toBase32(Uint8Array.from({ length: 23 }, () => 255))}`], ['capitals', messageId(CONVERSATION, 42).toUpperCase()],
    ['no base32', 'm_06aqx7m4e5v2k8r0d1f3g5h7j8000000000uu'],
  ])('[BAD http.id] %s is no message id', (_, id) => {
    expect(parseMessageId(id)).toBeUndefined();
  });
});

describe('[RES5] the check of a cursor', () => {
  it('is a number of 30 bits, the same for the same event', () => {
    fc.assert(fc.property(bytes16, (bytes) => {
      const check = eventCheck(formatId('event', bytes));
      expect(Number.isInteger(check) && check >= 0 && check < 2 ** 30).toBe(true);
      expect(eventCheck(formatId('event', Uint8Array.from(bytes)))).toBe(check);
    }));
  });

  it('changes with any of the bits that it is taken over', () => {
    const bytes = Uint8Array.from({ length: 16 }, (_, at) => at * 7);
    const check = eventCheck(formatId('event', bytes));
    const seen = new Set([check]);
    // Bits 95 to 124 of the id: random in a UUIDv7 that createUuid7 made.
    for (let bit = 95; bit < 125; bit += 1) {
      const other = Uint8Array.from(bytes);
      other[bit >> 3]! ^= 0x80 >> (bit & 7);
      seen.add(eventCheck(formatId('event', other)));
    }
    expect(seen.size).toBe(31);
  });

  it('tells two logs apart: events that were made anew at the same seq have other checks', () => {
    const checks = Array.from({ length: 1_000 }, () => eventCheck(formatId('event', crypto.getRandomValues(new Uint8Array(16)))));
    expect(new Set(checks).size).toBeGreaterThan(995);
  });

  it('is 0 of no event, and never throws', () => {
    expect(eventCheck('')).toBe(0);
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => Number.isInteger(eventCheck(text))));
  });
});
