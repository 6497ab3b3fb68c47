/** Socket.IO's protocol over one WebSocket, as its own client speaks it (Engine.IO 4, Socket.IO 5). */
import type { Driver, Link, Page } from './driver.js';
import { openSocket } from './socket.js';

const OPEN = 0x30;
const PING = 0x32;
const MESSAGE = 0x34;
const CONNECT = 0x30;
const EVENT = 0x32;
const ACK = 0x33;

export const socketioDriver: Driver = {
  async connect(target, client) {
    let greeted: () => void;
    const ready = new Promise<void>((resolve) => {
      greeted = resolve;
    });
    const socket = await openSocket(`ws://127.0.0.1:${target.port}/socket.io/?EIO=4&transport=websocket`, [], (bytes, open) => {
      const [kind, inner] = bytes;
      if (kind === OPEN) open.send('40');
      else if (kind === PING) open.send('3');
      else if (kind !== MESSAGE) return;
      else if (inner === EVENT) link.delivered?.(bytes);
      else if (inner === ACK && bytes.includes('[[')) link.paged?.(Number.parseInt(bytes.toString('latin1', 2, 12), 10), pageIn(bytes));
      else if (inner === ACK) link.acked?.(Number.parseInt(bytes.toString('latin1', 2, 12), 10));
      else if (inner === CONNECT) {
        for (const room of target.follows[client]!) open.send(`42${JSON.stringify(['join', target.rooms[room]])}`);
        greeted();
      }
    });
    const link: Link = {
      acked: undefined, delivered: undefined,
      send: (id, room, text) => socket.send(`42${id}${JSON.stringify(['message', target.rooms[room], text])}`),
      page: (id, room, before) => socket.send(`42${id}${JSON.stringify(['history', target.rooms[room], before ?? Number.MAX_SAFE_INTEGER])}`),
      close: () => socket.terminate(),
    };
    await ready;
    return link;
  },
};

/** The rows of a page, the newest first, as the one argument of an acknowledgement. */
function pageIn(bytes: Buffer): Page {
  const [rows] = JSON.parse(bytes.toString('utf8', bytes.indexOf('['))) as [{ readonly id: number; readonly content: string }[]];
  return { items: rows.length, first: rows.at(-1)?.id ?? 0, last: rows[0]?.id ?? 0 };
}
