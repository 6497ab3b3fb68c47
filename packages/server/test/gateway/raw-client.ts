/** A client that speaks frames and nothing else: what it gets is what the server sent. */
import { createUuid7, uuidText, type DownFrame, type Fact, type Hello, type UpInput } from '@talaria/protocol';
import { createClientCodec } from '@talaria/protocol/codec';
import { createJsonClientCodec } from '@talaria/protocol/codec-json';
import { randomFillSync } from 'node:crypto';
import { WebSocket } from 'ws';

type FrameOf<Name extends DownFrame['frame']> = Extract<DownFrame, { frame: Name }>;

const newUuid = createUuid7({ now: Date.now, fill: (bytes) => void randomFillSync(bytes) });

export class RawClient {
  readonly frames: DownFrame[] = [];
  closed: { code: number; reason: string } | undefined;
  bytes = 0;
  private watchers: (() => void)[] = [];
  private answersPings = false;
  /** Ids of calls and watches, each once. */
  private lastId = 0;

  private constructor(readonly ws: WebSocket, private readonly codec: ReturnType<typeof createClientCodec>) {}

  static async open(url: string, protocol = 'talaria.v1', headers: Record<string, string> = {}): Promise<RawClient> {
    const ws = new WebSocket(url, [protocol], { perMessageDeflate: false, headers });
    const client = new RawClient(ws, protocol === 'talaria.v1' ? createClientCodec() : createJsonClientCodec());
    ws.on('message', (data: Buffer) => {
      client.bytes += data.length;
      const frame = client.codec.decodeDown(data);
      client.frames.push(frame);
      if (frame.frame === 'ping' && client.answersPings) client.up({ pong: { time_ms: frame.ping.time_ms } });
      client.wake();
    });
    ws.on('close', (code, reason) => {
      client.closed = { code, reason: reason.toString() };
      client.wake();
    });
    await new Promise<void>((resolve, reject) => {
      ws.once('open', resolve);
      ws.once('error', reject);
    });
    ws.on('error', () => undefined);
    return client;
  }

  up(frame: UpInput): void {
    const bytes = this.codec.encodeUp(frame);
    this.ws.send(this.codec.binary ? bytes : Buffer.from(bytes).toString(), { binary: this.codec.binary });
  }

  async hello(token: string, extra: Partial<Hello> = {}): Promise<FrameOf<'welcome'>['welcome']> {
    this.up({ hello: { token, device_id: 'd', agent: 'test', follow_recent: 200, ...extra } });
    const { welcome } = await this.next('welcome');
    await this.next('heads');
    return welcome;
  }

  /** Sends a message and gives its client id. */
  post(conversation: string, text: string, clientId = uuidText(newUuid())): string {
    this.up({ send: { client_id: clientId, conversation_id: conversation, text } });
    return clientId;
  }

  /** Sends a message and waits for its ack. */
  async say(conversation: string, text: string): Promise<FrameOf<'ack'>['ack']> {
    const clientId = this.post(conversation, text);
    return (await this.until(() => this.all('ack').find((frame) => frame.ack.client_id === clientId))).ack;
  }

  all<Name extends DownFrame['frame']>(name: Name): FrameOf<Name>[] {
    return this.frames.filter((frame): frame is FrameOf<Name> => frame.frame === name);
  }

  next<Name extends DownFrame['frame']>(name: Name, count = 1): Promise<FrameOf<Name>> {
    return this.until(() => this.all(name)[count - 1]);
  }

  /** Facts of a stream so far, in the order in which they came. */
  facts(stream: string): Fact[] {
    return this.all('facts').filter((frame) => frame.facts.stream === stream).flatMap((frame) => frame.facts.facts);
  }

  texts(stream: string): string[] {
    return this.facts(stream).filter((fact) => fact.type === 'message.created').map((fact) => fact.message?.text ?? '');
  }

  /** Waits until the condition gives something. It waits in vain when the connection has ended, and says so. */
  async until<T>(condition: () => T | undefined | false): Promise<T> {
    for (;;) {
      const value = condition();
      if (value !== undefined && value !== false) return value;
      if (this.closed) throw new Error(`the connection ended with ${this.closed.code} ${this.closed.reason}`);
      await new Promise<void>((resolve) => this.watchers.push(resolve));
    }
  }

  /** From now on each ping gets its pong, as from an SDK. */
  stay(): void {
    this.answersPings = true;
  }

  nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  /** The server has read all that was sent, and this client what had been written to it by then. */
  async settle(): Promise<void> {
    const id = this.nextId();
    this.up({ call: { id, op: 'users.presence', json: '{"user_ids":["ext:nobody"]}' } });
    await this.until(() => this.all('reply').some(({ reply }) => reply.id === id));
  }

  /** Waits for the end of the connection. */
  async end(): Promise<{ code: number; reason: string }> {
    return this.until(() => this.closed);
  }

  destroy(): void {
    this.ws.terminate();
  }

  private wake(): void {
    for (const watcher of this.watchers.splice(0)) watcher();
  }
}
