/**
 * A WebSocket that costs its process little, for loads that offer more than a server takes: what is sent in one turn leaves
 * in one write, and frames are masked with zeros, which leaves their bytes as they are.
 */
import { randomBytes } from 'node:crypto';
import { request, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

export interface BareSocket {
  /** Takes a frame that `frameOf` made; the bytes are the socket's from then on. */
  send(frame: Buffer): void;
  close(): void;
}

const BINARY = 0x82;
const MASKED = 0x80;
const MASK_BYTES = 4;
/** Lengths above this stand in two bytes, or in eight, behind the first two. */
const SHORT_MAX = 125;
const IN_TWO_BYTES = 126;
const IN_EIGHT_BYTES = 127;

/** A client's frame around a payload of less than 64 KiB. */
export function frameOf(payload: Uint8Array): Buffer {
  const long = payload.length > SHORT_MAX;
  const head = (long ? 4 : 2) + MASK_BYTES;
  const frame = Buffer.alloc(head + payload.length);
  frame[0] = BINARY;
  frame[1] = MASKED | (long ? IN_TWO_BYTES : payload.length);
  if (long) frame.writeUInt16BE(payload.length, 2);
  frame.set(payload, head);
  return frame;
}

/** @param message is given each payload; it is valid during the call */
export async function openBareSocket(port: number, path: string, subprotocol: string, message: (payload: Buffer) => void): Promise<BareSocket> {
  const socket = await upgraded(port, path, subprotocol);
  let [closed, queue]: [boolean, Buffer[]] = [false, []];
  let rest: Buffer = Buffer.alloc(0);
  const flush = (): void => {
    const frames = queue;
    queue = [];
    if (!closed) socket.write(frames.length === 1 ? frames[0]! : Buffer.concat(frames));
  };
  socket.on('data', (chunk: Buffer) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (let part = payloadAt(bytes, at); part; part = payloadAt(bytes, at)) {
      if (bytes[at] !== BINARY) throw new Error(`the server sent a frame of kind ${bytes[at]! & 0x0f}`);
      at = part.to;
      message(bytes.subarray(part.from, part.to));
    }
    rest = bytes.subarray(at);
  });
  socket.on('error', () => undefined);
  socket.once('close', () => {
    if (!closed) throw new Error('the server closed a connection');
  });
  return {
    send(frame) {
      if (queue.length === 0) queueMicrotask(flush);
      queue.push(frame);
    },
    close() {
      closed = true;
      socket.destroy();
    },
  };
}

function upgraded(port: number, path: string, subprotocol: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const asked = request({
      host: '127.0.0.1', port, path, headers: {
        connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': randomBytes(16).toString('base64'), 'sec-websocket-protocol': subprotocol,
      },
    });
    asked.once('upgrade', (_response: IncomingMessage, socket: Socket, head: Buffer) => {
      socket.setNoDelay(true);
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    asked.once('response', (response) => reject(new Error(`the upgrade was answered with ${response.statusCode}`)));
    asked.once('error', reject);
    asked.end();
  });
}

/** Where the payload of the frame at that place is; undefined while it has not all come. */
function payloadAt(bytes: Buffer, at: number): { readonly from: number; readonly to: number } | undefined {
  if (bytes.length < at + 2) return undefined;
  const short = bytes[at + 1]!;
  const head = short === IN_EIGHT_BYTES ? 10 : short === IN_TWO_BYTES ? 4 : 2;
  if (bytes.length < at + head) return undefined;
  const length = short === IN_EIGHT_BYTES ? Number(bytes.readBigUInt64BE(at + 2)) : short === IN_TWO_BYTES ? bytes.readUInt16BE(at + 2) : short;
  const to = at + head + length;
  return bytes.length < to ? undefined : { from: at + head, to };
}
