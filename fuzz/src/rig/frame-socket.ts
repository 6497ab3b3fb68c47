/** A WebSocket that says anything and keeps what it hears. */
import { ProtocolError, SUBPROTOCOL, SUBPROTOCOL_JSON, type ClientCodec, type DownFrame, type UpInput } from '@talaria/protocol';
import { createClientCodec } from '@talaria/protocol/codec';
import { createJsonClientCodec } from '@talaria/protocol/codec-json';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { Form } from '../arbitraries/golden.js';
import { Finding } from '../finding.js';

const WAIT_MS_MAX = 60_000;
export const codecs: Readonly<Record<Form, ClientCodec>> = { binary: createClientCodec(), json: createJsonClientCodec() };

export class FrameSocket {
  readonly frames: DownFrame[] = [];
  /** Everything that came, as text, for what must not be in it. */
  heard = '';
  closed: { readonly code: number; readonly reason: string } | undefined;
  /** What the server sent that is no frame of its protocol. */
  broken: unknown;
  private tcp: Socket | undefined;
  private wake: () => void = () => undefined;

  private constructor(private readonly socket: WebSocket, private readonly form: Form) {}

  /** @throws Finding when the server does not let it in */
  static async open(url: string, publicKey: string, form: Form): Promise<FrameSocket> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/socket/${publicKey}`, [form === 'binary' ? SUBPROTOCOL : SUBPROTOCOL_JSON], { perMessageDeflate: false });
    const opened = new FrameSocket(socket, form);
    socket.on('upgrade', (message: { readonly socket: Socket }) => {
      opened.tcp = message.socket;
    });
    socket.on('message', (data: Buffer) => opened.take(data));
    // A connection that is cut off is an end like any other.
    socket.on('error', () => undefined);
    const ended = new Promise<void>((resolve) => {
      socket.on('close', (code, reason) => {
        opened.closed = { code, reason: reason.toString() };
        opened.wake();
        resolve();
      });
    });
    await Promise.race([ended, new Promise<void>((resolve) => void socket.once('open', () => resolve()))]);
    if (opened.closed) throw new Finding('the server does not take a new connection');
    return opened;
  }

  /** A frame as a well-behaved client encodes it. */
  up(frame: UpInput): void {
    this.send(codecs[this.form].encodeUp(frame), this.form === 'binary');
  }

  /** Any bytes as one message. */
  send(bytes: Uint8Array, binary: boolean): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(bytes, { binary });
  }

  /** Bytes below the WebSocket, where the next frame should begin; then nothing more. */
  cut(bytes: Uint8Array): void {
    this.tcp?.end(bytes);
  }

  /** Waits until the condition gives something, or the connection has ended. @throws Finding when neither comes */
  async until<Value>(condition: () => Value | undefined): Promise<Value | undefined> {
    const untilMs = performance.now() + WAIT_MS_MAX;
    for (;;) {
      const value = condition();
      if (value !== undefined || this.closed) return value;
      if (performance.now() > untilMs) throw new Finding(`neither an answer nor an end after ${WAIT_MS_MAX / 1_000} s`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, untilMs - performance.now() + 1);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  destroy(): void {
    this.socket.terminate();
  }

  private take(data: Buffer): void {
    this.heard += data.toString();
    try {
      this.frames.push(codecs[this.form].decodeDown(data));
    } catch (error) {
      this.broken = error instanceof ProtocolError ? `${error.message} in ${data.toString('hex').slice(0, 400)}` : error;
    }
    this.wake();
  }
}
