import WebSocket from 'ws';
import { eventually } from './eventually.js';

/** A well-behaved client that notes what it gets. */
export class Client {
  readonly ws: WebSocket;
  readonly opened: Promise<void>;
  readonly received: { readonly bytes: Buffer; readonly binary: boolean }[] = [];
  closedWith: { readonly code: number; readonly reason: string } | undefined;

  constructor(url: string, subprotocols: readonly string[]) {
    this.ws = new WebSocket(url, [...subprotocols], { perMessageDeflate: false });
    this.opened = new Promise((resolve, reject) => {
      this.ws.once('open', resolve);
      this.ws.once('error', reject);
    });
    this.ws.on('error', () => undefined);
    this.ws.on('message', (data, binary) => void this.received.push({ bytes: data as Buffer, binary }));
    this.ws.on('close', (code, reason) => {
      this.closedWith = { code, reason: reason.toString() };
    });
  }

  /** What was received, as text. */
  get texts(): string[] {
    return this.received.map(({ bytes }) => bytes.toString());
  }

  async gets(count: number): Promise<string[]> {
    await eventually(() => this.received.length >= count);
    return this.texts;
  }

  async closes(): Promise<{ readonly code: number; readonly reason: string }> {
    await eventually(() => this.closedWith !== undefined);
    return this.closedWith!;
  }

  end(): void {
    this.ws.terminate();
  }
}
