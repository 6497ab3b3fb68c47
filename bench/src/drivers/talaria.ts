import { createUuid7, uuidText } from '@talaria/protocol';
import { createClientCodec } from '@talaria/protocol/codec';
import { randomFillSync } from 'node:crypto';
import type { OperationOutput } from '@talaria/protocol/operations';
import { PAGE_ITEMS } from '../subject.js';
import type { Driver, Link, Page } from './driver.js';
import { openSocket } from './socket.js';

/** The first byte of frames that are only counted, and need not be decoded. */
const FACTS = 0x2a;
const newUuid = createUuid7({ now: Date.now, fill: (bytes) => void randomFillSync(bytes) });

export const talariaDriver: Driver = {
  async connect(target, client) {
    const codec = createClientCodec();
    const waiting = new Map<string, number>();
    const follows = target.follows[client]!.length;
    let greeted: () => void;
    const ready = new Promise<void>((resolve) => {
      greeted = resolve;
    });
    const socket = await openSocket(`ws://127.0.0.1:${target.port}/v1/socket/${target.app}`, [codec.subprotocol], (bytes, open) => {
      if (bytes[0] === FACTS) {
        link.delivered?.(bytes);
        return;
      }
      const frame = codec.decodeDown(bytes);
      if (frame.frame === 'ack') {
        const id = waiting.get(frame.ack.client_id);
        waiting.delete(frame.ack.client_id);
        if (id !== undefined) link.acked?.(id);
      } else if (frame.frame === 'reply') link.paged?.(frame.reply.id, pageIn(frame.reply.json));
      else if (frame.frame === 'ping') open.send(codec.encodeUp({ pong: { time_ms: frame.ping.time_ms } }));
      else if (frame.frame === 'heads') greeted();
      else if (frame.frame === 'refusal') throw new Error(`refused: ${frame.refusal.code} ${frame.refusal.message}`);
    });
    const link: Link = {
      acked: undefined, delivered: undefined,
      send(id, room, text) {
        const clientId = uuidText(newUuid());
        waiting.set(clientId, id);
        socket.send(codec.encodeUp({ send: { client_id: clientId, conversation_id: target.rooms[room]!, text } }));
      },
      page(id, room, before) {
        const json = JSON.stringify({ conversation_id: target.rooms[room], limit: PAGE_ITEMS, before_seq: before });
        socket.send(codec.encodeUp({ call: { id, op: 'messages.list', json } }));
      },
      close: () => socket.terminate(),
    };
    socket.send(codec.encodeUp({ hello: { token: target.tokens[client]!, device_id: 'bench', agent: 'bench', follow_recent: follows } }));
    await ready;
    return link;
  },
};

function pageIn(json: string): Page {
  const { items } = JSON.parse(json) as OperationOutput<'messages.list'>;
  return { items: items.length, first: items[0]?.seq ?? 0, last: items.at(-1)?.seq ?? 0 };
}
