/** Socket.IO's protocol over one WebSocket, as its own client speaks it (Engine.IO 4, Socket.IO 5), with its connection state recovery. */
import { portOf } from '../subject.js';
import type { Driver, Link, Page } from './driver.js';
import { LastFrame } from './last-frame.js';
import { Line } from './line.js';

const OPEN = 0x30;
const PING = 0x32;
const MESSAGE = 0x34;
const CONNECT = 0x30;
const EVENT = 0x32;
const ACK = 0x33;

/** The event that tells how far somebody has read. */
const MARKED = Buffer.from('42["mark"');
/** They keep what a client has missed. */
const RECOVERING: ReadonlySet<string> = new Set(['socketio-csr', 'socketio-sqlite', 'socketio-postgres']);

export const socketioDriver: Driver = (target, client) => {
  const recovers = RECOVERING.has(target.subject);
  const token = target.tokens[client];
  const last = new LastFrame();
  const auth = token === undefined ? '' : JSON.stringify({ token });
  let pid: string | undefined;
  let joined = false;
  const line = new Line({
    port: portOf(target, client), path: '/socket.io/?EIO=4&transport=websocket',
    opened: () => undefined,
    message(bytes) {
      const [kind, inner] = bytes;
      if (kind === OPEN) line.send(`40${pid === undefined ? auth : JSON.stringify({ pid, offset: placeIn(last.bytes).offset })}`);
      else if (kind === PING) line.send('3');
      else if (kind !== MESSAGE) return;
      else if (inner === EVENT) {
        if (recovers) last.keep(bytes);
        if (link.marked && bytes.subarray(0, MARKED.length).equals(MARKED)) link.marked(bytes.length);
        else link.delivered?.(bytes);
      } else if (inner === ACK && bytes.includes('[[')) link.paged?.(Number.parseInt(bytes.toString('latin1', 2, 12), 10), pageIn(bytes));
      else if (inner === ACK) link.acked?.(Number.parseInt(bytes.toString('latin1', 2, 12), 10));
      else if (inner === CONNECT) connected(JSON.parse(bytes.toString('latin1', 2)) as { pid?: string });
    },
    lost: () => link.lost?.(),
  });

  /** A session that was recovered has its rooms and gets what it missed; any other joins anew. */
  function connected(answer: { readonly pid?: string }): void {
    link.greeted?.();
    const recovered = pid !== undefined && answer.pid === pid;
    pid = answer.pid;
    if (!recovered) for (const room of target.follows[client]!) line.send(`42${JSON.stringify(['join', target.rooms[room], ...joinedFrom()])}`);
    joined = true;
    line.ready();
  }

  /** A server with a log is told from where, but not at first. */
  const joinedFrom = (): readonly number[] => (joined && target.subject === 'socketio-sqlite' ? [placeIn(last.bytes).seq] : []);

  const link: Link = {
    acked: undefined, delivered: undefined, greeted: undefined, lost: undefined,
    send: (id, room, text) => line.send(`42${id}${JSON.stringify(['message', target.rooms[room], text])}`),
    page: (id, room, before) => line.send(`42${id}${JSON.stringify(['history', target.rooms[room], before ?? Number.MAX_SAFE_INTEGER])}`),
    mark: (room, seq) => line.send(`42${JSON.stringify(['mark', target.rooms[room], seq])}`),
    cut: () => line.cut(),
    connect: () => line.open(),
  };
  return link;
};

/** The server's own number of a message, and the offset that recovery puts behind the arguments. */
function placeIn(event: Buffer | undefined): { readonly seq: number; readonly offset?: string } {
  if (!event) return { seq: 0 };
  const [, , seq, offset] = JSON.parse(event.toString('utf8', 2)) as [name: string, text: string, seq: number, offset?: string];
  return offset === undefined ? { seq } : { seq, offset };
}

/** The rows of a page, the newest first, as the one argument of an acknowledgement. */
function pageIn(bytes: Buffer): Page {
  const [rows] = JSON.parse(bytes.toString('utf8', bytes.indexOf('['))) as [{ readonly id: number; readonly content: string }[]];
  return { items: rows.length, first: rows.at(-1)?.id ?? 0, last: rows[0]?.id ?? 0 };
}
