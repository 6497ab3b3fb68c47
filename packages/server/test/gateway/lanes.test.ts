/** SND4: a connection with many lanes forgets only those about which nothing is to be known. */
import { createServerCodec } from '@talaria/protocol/codec';
import { expect, it } from 'vitest';
import type { AppEntry } from '../../src/domain/tenancy/app-directory.js';
import { Session, type OpenSession } from '../../src/gateway/session.js';

const MANY = 300;

function openSession(): Session {
  const session = new Session('n_1', {} as AppEntry, createServerCodec(), '127.0.0.1', undefined, '', () => undefined);
  session.become({ kind: 'open', open: { lanes: undefined } as unknown as OpenSession });
  return session;
}

it('[SND4] keeps a lane whose command waits for its answer, and one that is blocked', () => {
  const session = openSession();
  const waiting = session.lane('waiting');
  waiting.waiting += 1;
  const blocked = session.lane('blocked');
  blocked.lane.block('one');
  const idle = session.lane('idle');
  for (let at = 0; at < MANY; at += 1) session.lane(`other ${at}`);
  expect(session.lane('waiting')).toBe(waiting);
  expect(session.lane('blocked')).toBe(blocked);
  expect(session.lane('idle')).not.toBe(idle);
  expect(session.open?.lanes?.size).toBeLessThan(MANY);
});
