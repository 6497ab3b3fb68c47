/**
 * One connection to the server, made again whenever it is lost. Modes: `opening` until the socket is open, `greeting` until
 * welcome, `ready` until the socket ends, `waiting` until the next attempt, `closed` for good.
 */
import type { ClientCodec, DownFrame, UpInput, Welcome } from '@talaria/protocol';
import { TalariaError } from '../errors.js';
import type { Runtime, SocketLike } from '../runtime.js';
import { backoffMs, type BackoffBounds } from './backoff.js';
import type { Status } from './state.js';

export interface ConnectionBounds {
  readonly backoff: BackoffBounds;
  /** Socket open and welcome must come within this time. */
  readonly open_timeout_ms: number;
  /** Without a connection for this long the state is `suspended`. */
  readonly suspend_after_ms: number;
}

export const defaultConnectionBounds: ConnectionBounds = { backoff: { base_ms: 500, max_ms: 30_000 }, open_timeout_ms: 15_000, suspend_after_ms: 120_000 };

export interface ConnectionHandlers {
  status(status: Status): void;
  /** What hello says: read at the moment it is sent. */
  hello(token: string): UpInput;
  /** @returns whether this connection is to be used; otherwise the handler has closed it */
  welcome(welcome: Welcome): boolean;
  frame(frame: DownFrame): void;
  /** The connection is gone: what was in flight is unknown. */
  lost(): void;
}

export interface ConnectionOptions {
  readonly url: string;
  readonly codec: ClientCodec;
  readonly runtime: Runtime;
  readonly bounds: ConnectionBounds;
  /** Single flight is kept here. `rejected` is the last token, when the server would not have it. */
  readonly token: (context: TokenContext) => Promise<string>;
}

export interface TokenContext {
  readonly reason: 'connect' | 'expired' | 'rejected' | 'refresh';
}

type Mode =
  | { readonly kind: 'opening' | 'greeting'; readonly socket: SocketLike; readonly cancel: () => void }
  | { readonly kind: 'ready'; readonly socket: SocketLike; readonly welcome: Welcome; cancelDeadline: () => void; lastHeardMs: number; cancelRefresh: () => void; cancelGoaway: () => void }
  | { readonly kind: 'waiting'; readonly cancel: () => void }
  | { readonly kind: 'idle' }
  | { readonly kind: 'closed' };

type Ready = Extract<Mode, { kind: 'ready' }>;

const REFRESH_MS_MIN = 1_000;
/** What timers can wait. */
const TIMER_MS_MAX = 2 ** 31 - 1;
const NORMAL_CLOSE = 1000;
/** Close codes from here up to 4499 mean: not again with these credentials. */
const FINAL_FROM = 4400;
const FINAL_TO = 4499;
const INVALID_TOKEN = 'invalid_token';

export class Connection {
  private mode: Mode = { kind: 'idle' };
  private attempt = 0;
  private everConnected = false;
  private lostAtMs: number;
  private tokenReason: TokenContext['reason'] = 'connect';
  private tokenInFlight: Promise<string> | undefined;
  private goawayMs: number | undefined;
  /** An `invalid_token` may be a stale token; a second one in a row is final. */
  private rejections = 0;
  private readonly stopWake: () => void;

  constructor(private readonly options: ConnectionOptions, private readonly handlers: ConnectionHandlers) {
    this.lostAtMs = options.runtime.now();
    this.stopWake = options.runtime.onWake(() => this.wake());
  }

  get ready(): boolean {
    return this.mode.kind === 'ready';
  }

  /** Bytes that the socket has not sent yet. */
  get buffered(): number {
    return this.mode.kind === 'ready' ? this.mode.socket.bufferedAmount : 0;
  }

  start(): void {
    if (this.mode.kind !== 'idle') return;
    this.handlers.status({ state: 'connecting' });
    void this.open();
  }

  /** @returns false when there is no connection to send on */
  send(frame: UpInput): boolean {
    if (this.mode.kind !== 'ready') return false;
    this.write(this.mode.socket, frame);
    return true;
  }

  /** Ends it for good. */
  close(reason: string, error?: TalariaError): void {
    if (this.mode.kind === 'closed') return;
    const { mode } = this;
    this.mode = { kind: 'closed' };
    this.stopWake();
    this.endMode(mode, reason);
    this.handlers.lost();
    this.handlers.status({ state: 'closed', reason, error });
  }

  private write(socket: SocketLike, frame: UpInput): void {
    const bytes = this.options.codec.encodeUp(frame);
    socket.send(this.options.codec.binary ? bytes : new TextDecoder().decode(bytes));
  }

  private endMode(mode: Mode, reason: string): void {
    switch (mode.kind) {
      case 'opening':
      case 'greeting':
        mode.cancel();
        drop(mode.socket, reason);
        return;
      case 'ready':
        mode.cancelDeadline();
        mode.cancelRefresh();
        mode.cancelGoaway();
        drop(mode.socket, reason);
        return;
      case 'waiting': mode.cancel(); return;
      case 'idle':
      case 'closed':
    }
  }

  private async open(): Promise<void> {
    let token: string;
    try {
      token = await this.fetchToken();
    } catch (error) {
      this.retry(error instanceof Error ? `token provider: ${error.message}` : 'token provider failed');
      return;
    }
    if (this.mode.kind !== 'idle' && this.mode.kind !== 'waiting') return;
    const { runtime, url, bounds, codec } = this.options;
    let socket: SocketLike;
    try {
      socket = runtime.openSocket(url, [codec.subprotocol]);
    } catch (error) {
      this.retry(error instanceof Error ? error.message : 'the socket could not be made');
      return;
    }
    socket.binaryType = 'arraybuffer';
    const cancel = runtime.after(bounds.open_timeout_ms, () => this.lost(socket, 'timeout', 0));
    this.mode = { kind: 'opening', socket, cancel };
    socket.onopen = () => {
      if (this.mode.kind !== 'opening' || this.mode.socket !== socket) return;
      this.mode = { kind: 'greeting', socket, cancel };
      this.write(socket, this.handlers.hello(token));
    };
    socket.onmessage = (event) => this.receive(socket, event.data);
    socket.onclose = (event) => this.lost(socket, event.reason || `closed ${event.code}`, event.code);
    socket.onerror = () => undefined;
  }

  /** RES6: however many ask, one token is fetched. */
  private fetchToken(): Promise<string> {
    this.tokenInFlight ??= this.options.token({ reason: this.tokenReason }).finally(() => {
      this.tokenInFlight = undefined;
    });
    return this.tokenInFlight;
  }

  private receive(socket: SocketLike, data: unknown): void {
    const { mode } = this;
    if ((mode.kind !== 'greeting' && mode.kind !== 'ready') || mode.socket !== socket) return;
    let frame: DownFrame;
    try {
      frame = this.options.codec.decodeDown(typeof data === 'string' ? new TextEncoder().encode(data) : new Uint8Array(data as ArrayBuffer));
    } catch {
      this.lost(socket, 'bad_frame', 0);
      return;
    }
    if (mode.kind === 'ready') {
      mode.lastHeardMs = this.options.runtime.now();
      if (frame.frame === 'goaway') this.goaway(mode, frame.goaway.reconnect_after_ms, frame.goaway.reason);
      else if (frame.frame === 'refreshed') this.refreshIn(mode, frame.refreshed.token_expires_ms - frame.refreshed.time_ms);
      else this.handlers.frame(frame);
    } else if (frame.frame === 'welcome') this.greeted(mode, frame.welcome);
    else if (frame.frame === 'refusal') this.handlers.frame(frame);
  }

  private greeted(mode: Extract<Mode, { kind: 'opening' | 'greeting' }>, welcome: Welcome): void {
    const { runtime } = this.options;
    mode.cancel();
    const ready: Ready = {
      kind: 'ready', socket: mode.socket, welcome, lastHeardMs: runtime.now(), cancelDeadline: () => undefined, cancelRefresh: () => undefined,
      cancelGoaway: () => undefined,
    };
    this.mode = ready;
    this.watch(ready);
    this.refreshIn(ready, welcome.token_expires_ms - welcome.time_ms);
    this.attempt = 0;
    this.rejections = 0;
    this.everConnected = true;
    this.tokenReason = 'connect';
    if (this.handlers.welcome(welcome)) this.handlers.status({ state: 'connected', userId: welcome.user_id });
  }

  /** The server beats; a socket that brings nothing for two beats is dead. */
  private watch(ready: Ready): void {
    const limitMs = ready.welcome.heartbeat_ms * 2;
    const check = (): void => {
      const nowMs = this.options.runtime.now();
      // A clock that went back would make a dead socket look alive until it has come round again.
      ready.lastHeardMs = Math.min(ready.lastHeardMs, nowMs);
      const silentMs = nowMs - ready.lastHeardMs;
      if (silentMs >= limitMs) this.lost(ready.socket, 'heartbeat', 0);
      else ready.cancelDeadline = this.options.runtime.after(limitMs - silentMs, check);
    };
    ready.cancelDeadline = this.options.runtime.after(limitMs, check);
  }

  /** RES6: the next token is asked for when a fifth of the time of this one is left. */
  private refreshIn(ready: Ready, holdsMs: number): void {
    ready.cancelRefresh();
    const waitMs = Math.min(Math.max(holdsMs * 0.8, REFRESH_MS_MIN), TIMER_MS_MAX);
    ready.cancelRefresh = this.options.runtime.after(waitMs, () => void this.refresh(ready, holdsMs - waitMs));
  }

  /** RES6: a new token in band, without a new connection. The server says until when it holds. */
  private async refresh(ready: Ready, leftMs: number): Promise<void> {
    // For the case that no token comes, or that the server will not have it: the old one still holds for a while.
    this.refreshIn(ready, leftMs);
    this.tokenReason = 'refresh';
    try {
      const token = await this.fetchToken();
      if (this.mode === ready) this.send({ refresh: { token } });
    } catch {
      // Asked for again; when the old one ends before, the connection is made anew.
    } finally {
      if (this.tokenReason === 'refresh') this.tokenReason = 'connect';
    }
  }

  private goaway(ready: Ready, afterMs: number, reason: string): void {
    ready.cancelGoaway();
    ready.cancelGoaway = this.options.runtime.after(afterMs, () => {
      this.goawayMs = 0;
      this.lost(ready.socket, reason, 0);
    });
  }

  private wake(): void {
    const { mode } = this;
    if (mode.kind === 'waiting') {
      mode.cancel();
      this.mode = { kind: 'idle' };
      void this.open();
    } else if (mode.kind === 'ready' && this.options.runtime.now() - mode.lastHeardMs >= mode.welcome.heartbeat_ms * 2) {
      this.lost(mode.socket, 'heartbeat', 0);
    }
  }

  /** A socket ended, by whichever side. */
  private lost(socket: SocketLike, reason: string, code: number): void {
    const { mode } = this;
    if ((mode.kind !== 'opening' && mode.kind !== 'greeting' && mode.kind !== 'ready') || mode.socket !== socket) return;
    this.endMode(mode, reason);
    this.mode = { kind: 'idle' };
    if (mode.kind === 'ready') {
      this.lostAtMs = this.options.runtime.now();
      this.handlers.lost();
    }
    if (reason === INVALID_TOKEN && this.rejections === 0) {
      this.rejections = 1;
      this.tokenReason = 'rejected';
    } else if (code >= FINAL_FROM && code <= FINAL_TO) {
      this.close(reason, new TalariaError(reason as 'invalid_token', `The server ended the connection: ${reason}.`));
      return;
    } else if (reason === 'token_expired') this.tokenReason = 'expired';
    this.retry(reason);
  }

  private retry(reason: string): void {
    if (this.mode.kind === 'closed') return;
    const { runtime, bounds } = this.options;
    const retryInMs = this.goawayMs ?? backoffMs(this.attempt, bounds.backoff, runtime.fraction());
    this.goawayMs = undefined;
    this.attempt += 1;
    this.mode = { kind: 'waiting', cancel: runtime.after(retryInMs, () => {
      this.mode = { kind: 'idle' };
      void this.open();
    }) };
    const suspended = runtime.now() - this.lostAtMs >= bounds.suspend_after_ms;
    if (!this.everConnected && !suspended) this.handlers.status({ state: 'connecting' });
    else this.handlers.status({ state: suspended ? 'suspended' : 'reconnecting', reason, attempt: this.attempt, retryInMs });
  }
}

function drop(socket: SocketLike, reason: string): void {
  socket.onopen = socket.onmessage = socket.onclose = null;
  // A socket that fails while it is being closed has nothing more to say.
  socket.onerror = () => undefined;
  socket.close(NORMAL_CLOSE, reason.slice(0, 100));
}

/** `https://host/base` → `wss://host/base/v1/socket/<key>` */
export function socketUrl(url: string, app: string): string {
  const base = new URL(url);
  base.protocol = base.protocol.replace(/^http/, 'ws');
  base.pathname = `${base.pathname.replace(/\/+$/, '')}/v1/socket/${app}`;
  base.search = '';
  return base.href;
}

