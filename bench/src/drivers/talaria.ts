import { createUuid7, uuidText } from '@talaria/protocol';
import { createClientCodec } from '@talaria/protocol/codec';
import { randomFillSync } from 'node:crypto';
import type { OperationOutput } from '@talaria/protocol/operations';
import { PAGE_ITEMS, portOf } from '../subject.js';
import type { Driver, Link, Page } from './driver.js';
import { Line } from './line.js';
import { TalariaPlace } from './talaria-place.js';

/** The first byte of frames that are only counted, and need not be decoded. */
const FACTS = 0x2a;
const newUuid = createUuid7({ now: Date.now, fill: (bytes) => void randomFillSync(bytes) });
const codec = createClientCodec();

export const talariaDriver: Driver = (target, client) => {
  const follows = target.follows[client]!;
  const place = new TalariaPlace(codec, follows.map((room) => target.rooms[room]!));
  /** Numbers and client ids of what is not acked, each from the other. */
  const waiting = new Map<string, number>();
  const clientIds = new Map<number, string>();

  function heard(bytes: Buffer): void {
    const frame = codec.decodeDown(bytes);
    switch (frame.frame) {
      case 'ack': acked(frame.ack.client_id); return;
      case 'mark': link.marked?.(bytes.length); return;
      case 'reply': link.paged?.(frame.reply.id, pageIn(frame.reply.json)); return;
      case 'ping':
        line.send(codec.encodeUp({ pong: { time_ms: frame.ping.time_ms } }));
        place.heads(frame.ping.heads);
        if (frame.ping.sync_token && frame.ping.sync_token.length > 0) place.synced(frame.ping.sync_token);
        return;
      case 'welcome':
        place.welcome(frame.welcome);
        link.greeted?.();
        return;
      case 'heads':
        place.heads(frame.heads.heads);
        line.ready();
        return;
      case 'refusal':
        // The close that follows is answered as any other.
        if (frame.refusal.retryable && frame.refusal.client_id === '' && frame.refusal.stream === '') return;
        throw new Error(`refused: ${frame.refusal.code} ${frame.refusal.message}`);
      case 'truncated': throw new Error(`truncated: ${frame.truncated.reason}`);
      case 'facts':
      case 'following':
      case 'signal':
      case 'presence':
      case 'goaway':
      case 'refreshed':
    }
  }

  function acked(clientId: string): void {
    const id = waiting.get(clientId);
    if (id === undefined) return;
    waiting.delete(clientId);
    clientIds.delete(id);
    link.acked?.(id);
  }

  const line = new Line({
    port: portOf(target, client), path: `/v1/socket/${target.app}`, protocol: codec.subprotocol,
    opened: () => line.send(codec.encodeUp({ hello: { token: target.tokens[client]!, device_id: 'bench', agent: 'bench', follow_recent: follows.length, ...place.resume() } })),
    message(bytes) {
      if (bytes[0] !== FACTS) heard(bytes);
      else if (place.facts(bytes)) link.delivered?.(bytes);
    },
    lost: () => link.lost?.(),
  });
  const link: Link = {
    acked: undefined, delivered: undefined, greeted: undefined, lost: undefined,
    send(id, room, text) {
      const clientId = clientIds.get(id) ?? uuidText(newUuid());
      clientIds.set(id, clientId);
      waiting.set(clientId, id);
      line.send(codec.encodeUp({ send: { client_id: clientId, conversation_id: target.rooms[room]!, text } }));
    },
    page(id, room, before) {
      const json = JSON.stringify({ conversation_id: target.rooms[room], limit: PAGE_ITEMS, before_seq: before });
      line.send(codec.encodeUp({ call: { id, op: 'messages.list', json } }));
    },
    mark: (room, seq) => line.send(codec.encodeUp({ mark: { conversation_id: target.rooms[room]!, read_seq: seq } })),
    cut: () => line.cut(),
    connect: () => line.open(),
  };
  return link;
};

function pageIn(json: string): Page {
  const { items } = JSON.parse(json) as OperationOutput<'messages.list'>;
  return { items: items.length, first: items[0]?.seq ?? 0, last: items.at(-1)?.seq ?? 0 };
}
