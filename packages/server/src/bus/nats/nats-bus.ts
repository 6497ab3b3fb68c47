import { connect, credsAuthenticator, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import type { Cancel, Clock } from '../../runtime/clock.js';
import { errorFields, type Log } from '../../runtime/log.js';
import type { Random } from '../../runtime/random.js';
import type { EventRow } from '../../storage/rows.js';
import type { Bus, BusMessage } from '../port.js';
import { decodeOfAll, decodeOfStream, encodeFacts, encodeOfAll, encodeOfStream } from './envelope.js';
import { createReconnectDelay } from './reconnect-delay.js';
import { readServers, type NatsServers } from './servers.js';
import { startProblem } from './start-problem.js';
import { createSubjects } from './subjects.js';
import { checkTls, identityOf, type NatsTls } from './tls.js';

export interface NatsBusOptions {
  /** As `readServers` reads them. */
  readonly servers: readonly string[];
  /** First part of every subject. */
  readonly prefix: string;
  /** Of the store. */
  readonly epoch: string;
  /** The text of a `.creds` file. */
  readonly credentials?: Uint8Array;
  readonly tls?: NatsTls;
  readonly clock: Clock;
  readonly random: Pick<Random, 'fraction'>;
  readonly log: Log;
  /** How this node is called on the server. */
  readonly name: string;
  readonly bounds?: Partial<NatsBusBounds>;
}

export interface NatsBusBounds {
  readonly connect_timeout_ms: number;
  readonly reconnect_ms: number;
  /** How often the server is asked whether it is there, and how long it may take to say so. */
  readonly probe_ms: number;
  readonly silent_ms: number;
}

export const defaultNatsBusBounds: NatsBusBounds = { connect_timeout_ms: 3_000, reconnect_ms: 250, probe_ms: 1_000, silent_ms: 3_000 };

interface Interest {
  count: number;
  subscription: Subscription | undefined;
}

/**
 * The bus of many nodes. NATS may lose what it likes: what it may have lost is told as `unsure`, and the log is asked (CLU2).
 * A server that cannot be reached is no reason not to start: nodes then find each other's facts in the log, a little later.
 *
 * @throws Error with one sentence when an address or a certificate is none, the server refuses the credentials, or one of both does not
 *   trust the other: no time heals that
 */
export async function connectNatsBus(options: NatsBusOptions): Promise<Bus> {
  const bus = new NatsBus(options, { ...defaultNatsBusBounds, ...options.bounds });
  await bus.start();
  return bus;
}

class NatsBus implements Bus {
  readonly lossless = false;
  private readonly handlers = new Set<(message: BusMessage) => void>();
  private readonly interests = new Map<string, Interest>();
  private readonly subjects;
  private readonly given: NatsServers;
  private connection: NatsConnection | undefined;
  /** The server answers. While it does not, nothing is given to it: it would only wait here. */
  private answers = false;
  private probing = false;
  private stopped = false;
  private cancel: Cancel | undefined;
  private arrived: EventRow[] = [];

  constructor(private readonly options: NatsBusOptions, private readonly bounds: NatsBusBounds) {
    this.subjects = createSubjects(options.prefix, options.epoch);
    this.given = readServers(options.servers);
    if (options.tls) checkTls(options.tls);
  }

  async start(): Promise<void> {
    try {
      await this.connect();
    } catch (error) {
      const { clock } = this.options;
      const problem = await startProblem(error, { servers: this.given.servers, tls: this.options.tls, clock, timeout_ms: this.bounds.connect_timeout_ms });
      if (problem !== undefined) throw new Error(problem, { cause: error });
      this.options.log.warn('bus.unreachable', errorFields(error));
    }
    this.cancel = this.options.clock.every(this.bounds.probe_ms, () => void this.probe());
  }

  alive(): boolean {
    return this.answers;
  }

  publish(message: BusMessage): void {
    for (const handler of this.handlers) handler(message);
    switch (message.kind) {
      case 'facts': this.gather(message.facts); return;
      case 'mark':
      case 'signal':
      case 'evict':
        // Behind the facts that were published before it.
        this.sendFacts();
        this.send(this.subjects.stream(message.app, message.stream), encodeOfStream(message));
        return;
      case 'revoked_user':
      case 'revoked_key':
      case 'revoked_name':
      case 'app_changed':
      case 'presence':
      case 'presence_digest':
      case 'presence_ask':
      case 'presence_list':
      case 'taken':
      case 'ask':
      case 'node': this.send(this.subjects.all, encodeOfAll(message)); return;
      case 'answer': this.send(this.subjects.node(message.to), encodeOfAll(message)); return;
      // What this node tells itself.
      case 'moved':
      case 'unsure': return;
    }
  }

  listen(handler: (message: BusMessage) => void): () => void {
    this.handlers.add(handler);
    return () => void this.handlers.delete(handler);
  }

  follow(app: string, stream: string): () => void {
    return this.interestIn(this.subjects.stream(app, stream));
  }

  inbox(node: string): () => void {
    return this.interestIn(this.subjects.node(node));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.cancel?.();
    this.handlers.clear();
    const { connection } = this;
    this.connection = undefined;
    if (!connection) return;
    // A server that does not answer is not waited for.
    if (this.answers) await Promise.race([connection.flush().catch(() => undefined), this.after(this.bounds.probe_ms)]);
    await connection.close();
  }

  private interestIn(subject: string): () => void {
    let interest = this.interests.get(subject);
    if (!interest) {
      interest = { count: 0, subscription: undefined };
      this.interests.set(subject, interest);
      this.subscribe(subject, interest);
    }
    interest.count += 1;
    let over = false;
    return () => {
      if (over) return;
      over = true;
      this.release(subject, interest);
    };
  }

  private release(subject: string, interest: Interest): void {
    interest.count -= 1;
    if (interest.count > 0) return;
    this.interests.delete(subject);
    interest.subscription?.unsubscribe();
  }

  private async connect(): Promise<void> {
    const { credentials, tls = this.given.tls ? {} : undefined, name } = this.options;
    const { servers, tls: _, ...who } = this.given;
    // It goes through to Node's own options, which the library's type does not say.
    const secure = tls && { ...tls, checkServerIdentity: identityOf(servers) };
    const connection = await connect({
      servers: [...servers], ...who, name, noEcho: true, timeout: this.bounds.connect_timeout_ms, maxReconnectAttempts: -1,
      reconnectDelayHandler: createReconnectDelay(() => this.options.clock.now(), () => this.bounds.reconnect_ms * (1 + this.options.random.fraction())), pingInterval: 5_000, maxPingOut: 2, ignoreAuthErrorAbort: true,
      ...(credentials ? { authenticator: credsAuthenticator(credentials) } : {}), ...(secure ? { tls: secure } : {}),
    });
    if (this.stopped) {
      await connection.close();
      return;
    }
    this.connection = connection;
    this.answers = true;
    connection.subscribe(this.subjects.all, { callback: (_error, message) => this.deliver(decodeOfAll(message.string())) });
    for (const [subject, interest] of this.interests) this.subscribe(subject, interest);
    void this.watch(connection);
    this.deliver({ kind: 'unsure' });
  }

  private subscribe(subject: string, interest: Interest): void {
    interest.subscription = this.connection?.subscribe(subject, {
      callback: (_error, message) => {
        const place = this.subjects.streamOf(message.subject);
        if (!place) this.deliver(decodeOfAll(message.string()));
        else for (const one of decodeOfStream(place.app, place.stream, message.string())) this.deliver(one);
      },
    });
  }

  private deliver(message: BusMessage | undefined): void {
    if (message) for (const handler of this.handlers) handler(message);
  }

  /** Facts of one turn and one stream go together. */
  private gather(facts: readonly EventRow[]): void {
    if (this.arrived.length === 0) queueMicrotask(() => this.sendFacts());
    this.arrived.push(...facts);
  }

  private sendFacts(): void {
    const byStream = new Map<string, EventRow[]>();
    for (const fact of this.arrived) {
      const subject = this.subjects.stream(fact.app, fact.stream);
      const list = byStream.get(subject);
      if (list) list.push(fact);
      else byStream.set(subject, [fact]);
    }
    this.arrived = [];
    for (const [subject, list] of byStream) for (const text of encodeFacts(list)) this.send(subject, text);
  }

  private send(subject: string, text: string): void {
    if (!this.answers || this.stopped) return;
    try {
      this.connection?.publish(subject, text);
    } catch (error) {
      // CLU2: the others find it in the log.
      this.options.log.debug('bus.not_sent', errorFields(error));
    }
  }

  private async watch(connection: NatsConnection): Promise<void> {
    const { log } = this.options;
    for await (const status of connection.status()) {
      switch (status.type) {
        case 'disconnect':
          this.answers = false;
          log.warn('bus.disconnected', { server: status.server });
          break;
        case 'reconnect':
          this.answers = true;
          log.info('bus.connected', { server: status.server });
          this.deliver({ kind: 'unsure' });
          break;
        case 'slowConsumer':
          log.warn('bus.slow_consumer', {});
          this.deliver({ kind: 'unsure' });
          break;
        case 'error':
          log.warn('bus.error', errorFields(status.error));
          break;
        default:
      }
    }
    // It has been closed for good, by whom ever: the next probe makes another.
    if (this.connection === connection) this.connection = undefined;
    this.answers = false;
  }

  /** NATS's own pings notice a server that stands still only after ten seconds. */
  private async probe(): Promise<void> {
    if (this.probing || this.stopped) return;
    this.probing = true;
    try {
      if (this.connection) await this.probeOnce(this.connection);
      else await this.connect();
    } catch (error) {
      this.options.log.debug('bus.unreachable', errorFields(error));
    } finally {
      this.probing = false;
    }
  }

  private async probeOnce(connection: NatsConnection): Promise<void> {
    const answered = await Promise.race([connection.flush().then(() => true, () => false), this.after(this.bounds.silent_ms).then(() => false)]);
    if (this.stopped || this.connection !== connection) return;
    if (answered === this.answers) {
      if (!answered) await connection.reconnect().catch(() => undefined);
      return;
    }
    this.answers = answered;
    if (answered) {
      this.options.log.info('bus.connected', {});
      this.deliver({ kind: 'unsure' });
    } else {
      this.options.log.warn('bus.silent', { silent_ms: this.bounds.silent_ms });
      await connection.reconnect().catch(() => undefined);
    }
  }

  private after(ms: number): Promise<void> {
    return new Promise((resolve) => void this.options.clock.after(ms, resolve));
  }
}
