/** One request as bytes, for what `fetch` puts right by itself. */
import { connect, type Socket } from 'node:net';
import type { Reply } from './reply.js';

const CRLF = '\r\n';

/** @param lines of the head, without Host; bytes above ASCII are taken as they are */
export async function rawRequest(port: number, lines: readonly string[], body: string | Uint8Array = ''): Promise<Reply> {
  const connection = new RawConnection(port);
  try {
    return await connection.request(lines, body);
  } finally {
    connection.end();
  }
}

/** A connection that stays, for one request after the other. */
export class RawConnection {
  readonly #tcp: Socket;
  #bytes = Buffer.alloc(0);
  #ended = false;
  #wake = (): void => undefined;

  constructor(port: number) {
    this.#tcp = connect({ port, host: '127.0.0.1' });
    this.#tcp.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#wake();
    });
    for (const event of ['end', 'error', 'close']) {
      this.#tcp.on(event, () => {
        this.#ended = true;
        this.#wake();
      });
    }
  }

  async request(lines: readonly string[], body: string | Uint8Array = ''): Promise<Reply> {
    this.#tcp.write(Buffer.concat([Buffer.from([lines[0]!, 'Host: test', ...lines.slice(1), '', ''].join(CRLF), 'latin1'), Buffer.from(body)]));
    for (;;) {
      const reply = this.#read(lines[0]!.startsWith('HEAD '));
      if (reply) return reply;
      if (this.#ended) throw new Error(`no whole answer: ${JSON.stringify(this.#bytes.toString('latin1'))}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  end(): void {
    this.#tcp.destroy();
  }

  #read(bodiless: boolean): Reply | undefined {
    const end = this.#bytes.indexOf(CRLF + CRLF);
    if (end === -1) return undefined;
    const [first = '', ...fields] = this.#bytes.toString('latin1', 0, end).split(CRLF);
    const headers = new Headers(fields.map((field): [string, string] => [field.slice(0, field.indexOf(':')), field.slice(field.indexOf(':') + 1)]));
    const length = bodiless ? 0 : Number(headers.get('content-length') ?? 0);
    const from = end + 2 * CRLF.length;
    if (this.#bytes.length < from + length) return undefined;
    const text = this.#bytes.toString('utf8', from, from + length);
    this.#bytes = this.#bytes.subarray(from + length);
    return { status: Number(first.split(' ')[1]), headers, text };
  }
}
