/** HTTP as bytes, for requests that no library would send. */
import { connect, type Socket } from 'node:net';
import { Finding } from '../finding.js';

export interface Reply {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Far above every timeout of the server; a server that needs longer does not answer at all. */
const ANSWER_MS_MAX = 60_000;
const END_OF_HEAD = '\r\n\r\n';

/** One connection to a server, made again when it has ended. */
export class HttpConnection {
  private socket: Socket | undefined;
  private received: Buffer = Buffer.alloc(0);
  private wake: () => void = () => undefined;

  constructor(private readonly port: number) {}

  /**
   * Sends bytes and waits for one whole answer.
   *
   * @param bodiless whether the answer has a head alone, as to HEAD
   * @returns undefined when the connection ended without one
   * @throws Finding when there is neither
   */
  async exchange(bytes: Uint8Array, bodiless = false): Promise<Reply | undefined> {
    const socket = this.socket ??= this.open();
    socket.write(bytes);
    const untilMs = performance.now() + ANSWER_MS_MAX;
    for (;;) {
      const reply = this.take(bodiless);
      if (reply) {
        if (reply.headers.get('connection') === 'close') this.close();
        return reply;
      }
      if (this.socket !== socket) return undefined;
      if (performance.now() > untilMs) throw new Finding(`no answer after ${ANSWER_MS_MAX / 1_000} s`);
      await this.news(untilMs - performance.now());
    }
  }

  /** Ends the connection; the next exchange begins on a new one. */
  close(): void {
    this.socket?.destroy();
    this.socket = undefined;
    this.received = Buffer.alloc(0);
  }

  private news(wait_ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, wait_ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private open(): Socket {
    const socket = connect({ port: this.port, host: '127.0.0.1', noDelay: true });
    socket.on('data', (chunk: Buffer) => {
      if (this.socket !== socket) return;
      this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
      this.wake();
    });
    for (const event of ['end', 'error', 'close']) {
      socket.on(event, () => {
        socket.destroy();
        if (this.socket !== socket) return;
        this.socket = undefined;
        this.wake();
      });
    }
    return socket;
  }

  private take(bodiless: boolean): Reply | undefined {
    const end = this.received.indexOf(END_OF_HEAD);
    if (end === -1) return undefined;
    const [first = '', ...lines] = this.received.toString('latin1', 0, end).split('\r\n');
    const headers = new Map(lines.map((line): [string, string] => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
    const from = end + END_OF_HEAD.length;
    const status = Number(first.split(' ')[1]);
    // What comes before the answer, such as 100, has a head alone.
    if (status < 200 && status !== 101) {
      this.received = this.received.subarray(from);
      return this.take(bodiless);
    }
    const to = from + (bodiless ? 0 : Number(headers.get('content-length') ?? 0));
    if (this.received.length < to) return undefined;
    const body = this.received.toString('utf8', from, to);
    this.received = this.received.subarray(to);
    return { status, headers, body };
  }
}
