/**
 * A WebSocket client (RFC 6455) that does what the bench needs and no more. The load program shares the machine with the server,
 * so what it costs is taken from the figures.
 */
import { connect, type Socket } from 'node:net';
import { frameOf } from './frame.js';

export interface WebSocketEvents {
  /** The server has agreed. */
  opened(): void;
  /** A whole message. Its bytes are good until this returns. */
  message(bytes: Buffer): void;
  /** The connection has ended, by whichever side; also one that was never open. */
  closed(reason: string): void;
}

const TEXT = 0x81;
export const BINARY = 0x82;
const CLOSE = 0x88;
const PING = 0x89;
const PONG = 0x8a;
/** Instead of a length: it stands in so many bytes behind. */
const [TWO_BYTES, EIGHT_BYTES] = [126, 127];

const HEAD_END = '\r\n\r\n';
const AGREED = 'HTTP/1.1 101';
const NOTHING = Buffer.alloc(0);
/** All sockets read into it: what comes is looked at before anything else is read. */
const incoming = Buffer.allocUnsafe(65_536);

export class WebSocketClient {
  private readonly socket: Socket;
  /** What is not whole yet. */
  private rest: Buffer = NOTHING;
  private unsent: Buffer[] = [];
  private agreed = false;
  private reason = 'closed by the server';

  constructor(port: number, path: string, protocol: string | undefined, private readonly events: WebSocketEvents) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer: incoming, callback: (length) => {
      this.read(incoming.subarray(0, length));
      return true;
    } } });
    this.socket.once('connect', () => void this.socket.write(request(port, path, protocol), 'latin1'));
    this.socket.on('error', (error) => {
      this.reason = error.message;
    });
    this.socket.once('close', () => events.closed(this.reason));
  }

  send(data: string | Uint8Array): void {
    this.sendFrame(frameOf(typeof data === 'string' ? TEXT : BINARY, data));
  }

  /** Takes a frame that `frameOf` made, and its bytes. What is sent in one turn leaves in one write. */
  sendFrame(frame: Buffer): void {
    if (this.unsent.length === 0) queueMicrotask(() => this.flush());
    this.unsent.push(frame);
  }

  /** Abruptly, as when a network is gone: the server gets a reset. It also leaves no port behind in TIME_WAIT. */
  end(): void {
    this.socket.resetAndDestroy();
  }

  private flush(): void {
    const frames = this.unsent;
    this.unsent = [];
    if (this.socket.writable) this.socket.write(frames.length === 1 ? frames[0]! : Buffer.concat(frames));
  }

  private fail(why: string): void {
    this.reason = why;
    this.socket.destroy();
  }

  private read(chunk: Buffer): void {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let at = this.agreed ? 0 : this.readHead(bytes);
    while (this.agreed && !this.socket.destroyed) {
      const next = this.readFrame(bytes, at);
      if (next === at) break;
      at = next;
    }
    this.rest = at === bytes.length ? NOTHING : Buffer.from(bytes.subarray(at));
  }

  /** @returns where frames begin; 0 while the head is not whole */
  private readHead(bytes: Buffer): number {
    const end = bytes.indexOf(HEAD_END);
    if (end < 0) return 0;
    const head = bytes.toString('latin1', 0, end);
    if (head.startsWith(AGREED)) {
      this.agreed = true;
      this.events.opened();
    } else this.fail(head.slice(0, head.indexOf('\r\n')));
    return end + HEAD_END.length;
  }

  /** @returns where the next one begins; `at` when this one is not whole */
  private readFrame(bytes: Buffer, at: number): number {
    if (bytes.length < at + 2) return at;
    let length = bytes[at + 1]!;
    let from = at + 2;
    if (length === TWO_BYTES) {
      from += 2;
      if (bytes.length < from) return at;
      length = bytes.readUInt16BE(at + 2);
    } else if (length === EIGHT_BYTES) {
      from += 8;
      if (bytes.length < from) return at;
      length = Number(bytes.readBigUInt64BE(at + 2));
    }
    if (bytes.length < from + length) return at;
    this.take(bytes[at]!, bytes.subarray(from, from + length));
    return from + length;
  }

  private take(kind: number, payload: Buffer): void {
    if (kind === BINARY || kind === TEXT) this.events.message(payload);
    else if (kind === PING) this.sendFrame(frameOf(PONG, payload));
    else if (kind === CLOSE) this.fail(`closed with ${payload.length < 2 ? 'no code' : `${payload.readUInt16BE(0)} ${payload.toString('utf8', 2)}`}`);
    else if (kind !== PONG) throw new Error(`a frame of the kind ${kind} is not read here`);
  }
}

function request(port: number, path: string, protocol: string | undefined): string {
  return [
    `GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]), '', '',
  ].join('\r\n');
}
