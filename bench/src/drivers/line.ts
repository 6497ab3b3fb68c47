import { WebSocketClient } from './websocket.js';

/** What a driver says and hears on its connections, one after the other. */
export interface Talk {
  readonly port: number;
  readonly path: string;
  readonly protocol?: string;
  opened(): void;
  message(bytes: Buffer): void;
  /** The connection has ended by itself after it was ready. */
  lost(): void;
}

/** As long as the SDK waits for a socket and its greeting. */
const OPEN_TIMEOUT_MS = 15_000;

/** A connection that can be cut and made again. What an old socket still brings is not heard. */
export class Line {
  private client: WebSocketClient | undefined;
  private opening: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;

  constructor(private readonly talk: Talk) {}

  /** Resolves when the driver says that it is ready. */
  async open(): Promise<void> {
    if (this.client) throw new Error('the line is open already');
    const timer = setTimeout(() => this.ended('no greeting in time'), OPEN_TIMEOUT_MS);
    try {
      await new Promise<void>((resolve, reject) => {
        this.opening = { resolve, reject };
        this.client = this.dial();
      });
    } finally {
      clearTimeout(timer);
    }
  }

  ready(): void {
    this.opening?.resolve();
    this.opening = undefined;
  }

  /** What is sent while there is no connection is lost. */
  send(data: string | Uint8Array): void {
    this.client?.send(data);
  }

  /** The same with a frame that `frameOf` made. */
  sendFrame(frame: Buffer): void {
    this.client?.sendFrame(frame);
  }

  cut(): void {
    this.client?.end();
    this.client = undefined;
  }

  private dial(): WebSocketClient {
    const { port, path, protocol } = this.talk;
    const client = new WebSocketClient(port, path, protocol, {
      opened: () => this.talk.opened(),
      message: (bytes) => {
        if (this.client === client) this.talk.message(bytes);
      },
      closed: (reason) => {
        if (this.client === client) this.ended(reason);
      },
    });
    return client;
  }

  private ended(reason: string): void {
    const { opening } = this;
    this.opening = undefined;
    this.cut();
    if (opening) opening.reject(new Error(reason));
    else this.talk.lost();
  }
}
