/** Negotiation between two sides, one of which gives way. */
import { expect, it } from 'vitest';
import { defaultChannelBounds } from '../../src/calling/channel.js';
import { Link } from '../../src/calling/link.js';
import { manualRuntime } from '../manual-runtime.js';
import { PeerDouble } from './peer-double.js';

interface Side {
  readonly connection: PeerDouble;
  readonly link: Link;
  readonly errors: unknown[];
}

/** @param loses whether the so-and-so-many-th signal is lost */
function sides(loses: (at: number) => boolean = () => false, sdpChars?: number) {
  const runtime = manualRuntime();
  let count = 0;
  const make = (name: string, polite: boolean, other: () => Side): Side => {
    const errors: unknown[] = [];
    const connection = new PeerDouble(name, sdpChars);
    return {
      connection, errors,
      link: new Link({
        connection, polite, runtime, bounds: defaultChannelBounds, error: (error) => void errors.push(error), failed: () => void errors.push('failed'),
        transmit(kind, message) {
          if (loses(count++)) return;
          runtime.after(5, () => {
            other().link.channel.acked(message.ack);
            other().link.channel.take(kind, message);
          });
        },
      }),
    };
  };
  const polite: Side = make('polite', true, () => impolite);
  const impolite: Side = make('impolite', false, () => polite);
  /** Lets time pass in small steps, and what the connections do meanwhile. */
  async function pass(ms: number): Promise<void> {
    for (let at = 0; at < ms; at += 5) {
      runtime.advance(5);
      await new Promise<void>((resolve) => void setImmediate(resolve));
    }
  }
  return { polite, impolite, pass, runtime };
}

const settled = ({ connection }: Side) => [connection.signalingState, connection.localDescription?.type, connection.remoteDescription?.type];

it('one offers, the other answers, and candidates follow', async () => {
  const { polite, impolite, pass } = sides();
  impolite.connection.negotiate();
  impolite.connection.find('host 1', 'host 2');
  await pass(100);
  polite.connection.find('host 3');
  await pass(200);
  expect([settled(polite), settled(impolite)]).toEqual([['stable', 'answer', 'offer'], ['stable', 'offer', 'answer']]);
  expect(polite.connection.candidates.map(({ candidate }) => candidate)).toEqual(['host 1', 'host 2']);
  expect(impolite.connection.candidates).toEqual([{ candidate: 'host 3', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'polite' }]);
  expect([...polite.errors, ...impolite.errors]).toEqual([]);
});

it('both offer at once: one gives way, and both are connected', async () => {
  const { polite, impolite, pass } = sides();
  for (const { connection } of [polite, impolite]) {
    connection.negotiate();
    connection.find(`host of ${connection.name}`);
  }
  await pass(300);
  expect([polite.connection.rollbacks, impolite.connection.rollbacks]).toEqual([1, 0]);
  expect([settled(polite), settled(impolite)]).toEqual([['stable', 'answer', 'offer'], ['stable', 'offer', 'answer']]);
  expect(impolite.connection.remoteDescription!.sdp).toContain('answer of polite');
  expect([...polite.errors, ...impolite.errors]).toEqual([]);
  // And again, as when a track is added later, by the other one.
  polite.connection.negotiate();
  await pass(300);
  expect(impolite.connection.remoteDescription!.sdp).toContain('offer 2 of polite');
  expect(settled(polite)).toEqual(['stable', 'offer', 'answer']);
});

it('what is lost is said again, in parts as long as it takes', async () => {
  const { polite, impolite, pass } = sides((at) => at < 6 || at % 3 === 0, 9_000);
  impolite.connection.negotiate();
  await pass(12_000);
  expect([settled(polite), settled(impolite)]).toEqual([['stable', 'answer', 'offer'], ['stable', 'offer', 'answer']]);
  expect(polite.connection.remoteDescription!.sdp).toHaveLength(9_000);
  expect([...polite.errors, ...impolite.errors]).toEqual([]);
}, 60_000);

it('what the other side should not have sent is told, and what comes behind it is done', async () => {
  const { polite, impolite, pass } = sides();
  polite.link.channel.send('answer', JSON.stringify({ type: 'answer', sdp: 'to nothing' }));
  polite.link.channel.send('offer', 'no JSON');
  polite.connection.negotiate();
  await pass(200);
  expect(impolite.errors.map(String)).toEqual(['Error: an answer in stable', expect.stringContaining('SyntaxError')]);
  expect(settled(polite)).toEqual(['stable', 'offer', 'answer']);
});

it('closes the connection, and leaves nothing behind', async () => {
  const { polite, impolite, pass, runtime } = sides();
  impolite.connection.negotiate();
  impolite.connection.find('host');
  impolite.link.close();
  impolite.link.close();
  await pass(100);
  expect([impolite.connection.signalingState, impolite.connection.watched, impolite.errors]).toEqual(['closed', false, []]);
  polite.link.close();
  expect(runtime.nextMs()).toBeUndefined();
});
