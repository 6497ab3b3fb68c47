import type { Driver, Link } from './driver.js';
import { openSocket } from './socket.js';

const ID_DIGITS = 8;

export const rawUwsDriver: Driver = {
  async connect(target, client) {
    const socket = await openSocket(`ws://127.0.0.1:${target.port}/`, [], (bytes) => {
      if (bytes.length === ID_DIGITS) link.acked?.(Number(bytes.toString('latin1')));
      else link.delivered?.(bytes);
    });
    const link: Link = {
      acked: undefined, delivered: undefined,
      send: (id, room, text) => socket.send(Buffer.from(`m${target.rooms[room]!}${String(id).padStart(ID_DIGITS, '0')}${text}`, 'latin1')),
      close: () => socket.terminate(),
    };
    for (const room of target.follows[client]!) socket.send(Buffer.from(`j${target.rooms[room]!}`, 'latin1'));
    return link;
  },
};
