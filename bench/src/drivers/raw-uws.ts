import { portOf } from '../subject.js';
import type { Driver, Link } from './driver.js';
import { Line } from './line.js';

const ID_DIGITS = 8;

export const rawUwsDriver: Driver = (target, client) => {
  const line = new Line({
    port: portOf(target, client), path: '/',
    opened() {
      link.greeted?.();
      for (const room of target.follows[client]!) line.send(Buffer.from(`j${target.rooms[room]!}`, 'latin1'));
      line.ready();
    },
    message(bytes) {
      if (bytes.length === ID_DIGITS) link.acked?.(Number(bytes.toString('latin1')));
      else link.delivered?.(bytes);
    },
    lost: () => link.lost?.(),
  });
  const link: Link = {
    acked: undefined, delivered: undefined, greeted: undefined, lost: undefined,
    send: (id, room, text) => line.send(Buffer.from(`m${target.rooms[room]!}${String(id).padStart(ID_DIGITS, '0')}${text}`, 'latin1')),
    cut: () => line.cut(),
    connect: () => line.open(),
  };
  return link;
};
