import { connect, type Socket } from 'node:net';
import { eventually } from './eventually.js';
import { clientFrame, OPCODE, parseServerFrames, type ServerFrame } from './frames.js';

export const HANDSHAKE = [
  'GET / HTTP/1.1', 'Host: test', 'Connection: Upgrade', 'Upgrade: websocket',
  'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', '',
].join('\r\n');

/** A TCP connection that can say anything. */
export class RawClient {
  readonly tcp: Socket;
  readonly #chunks: Buffer[] = [];
  /** Whether the other side has said that it sends no more, or has reset the connection. */
  ended = false;
  gone = false;

  constructor(port: number) {
    this.tcp = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.tcp.setNoDelay();
    this.tcp.on('data', (chunk: Buffer) => void this.#chunks.push(chunk));
    this.tcp.on('end', () => {
      this.ended = true;
    });
    this.tcp.on('error', () => {
      this.ended = true;
    });
    this.tcp.on('close', () => {
      this.ended = true;
      this.gone = true;
    });
  }

  write(bytes: string | Uint8Array): void {
    this.tcp.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get text(): string {
    return this.bytes.toString('latin1');
  }

  /** Everything that came until the connection ended. */
  async untilEnd(): Promise<string> {
    await eventually(() => this.ended);
    return this.text;
  }

  /** Waits until the server has let go of a WebSocket: then a write fails, also where nobody reads. */
  async untilCutOff(): Promise<void> {
    const poke = setInterval(() => this.write(clientFrame({ opcode: OPCODE.ping })), 50);
    await eventually(() => this.gone);
    clearInterval(poke);
  }

  async untilText(part: string): Promise<string> {
    await eventually(() => this.text.includes(part) || this.ended);
    if (!this.text.includes(part)) throw new Error(`ended before ${JSON.stringify(part)} came, after ${JSON.stringify(this.text)}`);
    return this.text;
  }

  /** Opens a WebSocket on this connection. */
  async handshake(request = HANDSHAKE): Promise<void> {
    this.write(request);
    const answer = await this.untilText('\r\n\r\n');
    if (!answer.startsWith('HTTP/1.1 101 ')) throw new Error(`no handshake: ${answer}`);
  }

  /** The frames after the handshake. */
  get frames(): ServerFrame[] {
    const { bytes } = this;
    return parseServerFrames(bytes.subarray(bytes.indexOf('\r\n\r\n') + 4));
  }

  end(): void {
    this.tcp.destroy();
  }
}
