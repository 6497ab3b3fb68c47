/** One connection between a device and a node: two directions that keep their order, and that can break each by itself. */
import type { SocketLike } from '@talaria/sdk';
import type { Socket } from '@talaria/server/internals';
import type { Scheduler } from './scheduler.js';

/** What a node has taken from a direction and not delivered yet counts as sent up to here: the kernels' buffers. */
const KERNEL_BYTES = 2_048;
/** More than this is not kept for a reader that has stopped: the connection is closed. */
const BUFFERED_BYTES_MAX = 65_536;
const CLOSED_ABNORMALLY = 1006;

export interface NodeEnd {
  message(bytes: Uint8Array): void;
  drained(): void;
  closed(code: number): void;
  join(topic: string): void;
  leave(topic: string): void;
  leaveAll(): void;
}

/** The node at the other end, which may die while it acks. */
export interface AckingNode {
  /** @returns whether the process died of it */
  acking(): boolean;
}

/** How the network treats one message. */
export interface Weather {
  latencyMs(): number;
}

/** Hears what passes a node's end of a connection, in order. */
export interface Tap {
  /** The node has sent it. @returns what goes on its way; null loses it */
  sent(wire: Wire, bytes: Uint8Array): Uint8Array | null;
  /** The node takes it now. */
  taken(wire: Wire, bytes: Uint8Array): void;
}

export class Wire {
  /** What the SDK holds. */
  readonly client: SocketLike;
  /** What the gateway holds. */
  readonly socket: Socket;
  readonly openedMs: number;
  /** When a node took it; 0 before that. */
  acceptedMs = 0;
  takenBy: AckingNode | undefined;
  private clientUp = true;
  /** Undefined when the node's end is closed. */
  private node: NodeEnd | undefined;
  /** Nothing crosses any more, and nobody is told. */
  private severed = false;
  private lastUpMs = 0;
  private lastDownMs = 0;
  private paused = false;
  /** What a reader that has stopped does not take. */
  private held: Uint8Array[] = [];
  private heldBytes = 0;
  private heldEnd: (() => void) | undefined;

  constructor(
    readonly id: number, readonly user: string, private readonly scheduler: Scheduler, private readonly weather: Weather, private readonly tap: Tap,
  ) {
    this.openedMs = scheduler.nowMs;
    this.client = this.clientSocket();
    this.socket = this.nodeSocket();
  }

  get nowMs(): number {
    return this.scheduler.nowMs;
  }

  get open(): boolean {
    return this.clientUp && this.node !== undefined && !this.severed;
  }

  /** The handshake is done on the node's side. */
  accept(node: NodeEnd): void {
    this.node = node;
    this.acceptedMs = this.scheduler.nowMs;
    this.down('open', () => this.client.onopen?.());
  }

  /** There is no node, or it will not have this connection. */
  refuse(): void {
    this.down('refused', () => this.endClient(CLOSED_ABNORMALLY, ''));
  }

  /** Both ends learn of it, each in its own time; what was on its way is lost. */
  reset(): void {
    this.severed = true;
    this.scheduler.after(this.weather.latencyMs(), `wire ${this.id} reset at device`, () => this.endClient(CLOSED_ABNORMALLY, ''));
    this.scheduler.after(this.weather.latencyMs(), `wire ${this.id} reset at node`, () => this.endNode(CLOSED_ABNORMALLY));
  }

  /** Half open: nothing crosses, and nobody is told. */
  sever(): void {
    this.severed = true;
  }

  /** The node's process is gone. @param told whether the device's side is reset, or hears nothing */
  nodeDied(told: boolean): void {
    this.node = undefined;
    if (told) this.down('node gone', () => this.endClient(CLOSED_ABNORMALLY, ''));
  }

  /** The device's process is gone. What it sent before is still on its way. */
  clientDied(): void {
    this.clientUp = false;
    this.silence();
    this.up('device gone', () => this.endNode(CLOSED_ABNORMALLY));
  }

  /** The device stops reading. */
  pause(): void {
    this.paused = true;
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    // Behind what is still on its way.
    for (const bytes of this.held.splice(0)) this.down('at last', () => this.deliver(bytes));
    this.heldBytes = 0;
    this.heldEnd?.();
    this.heldEnd = undefined;
    this.node?.drained();
  }

  private clientSocket(): SocketLike {
    return {
      binaryType: 'arraybuffer', bufferedAmount: 0, onopen: null, onmessage: null, onclose: null, onerror: null,
      send: (data) => {
        if (!this.clientUp || typeof data === 'string') return;
        const bytes = data.slice();
        this.up(`up ${bytes.length}`, () => this.take(bytes));
      },
      close: (code = 1000) => {
        if (!this.clientUp) return;
        this.clientUp = false;
        this.up('fin', () => this.endNode(code));
      },
    };
  }

  private take(bytes: Uint8Array): void {
    if (!this.node) return;
    this.tap.taken(this, bytes);
    this.node.message(bytes);
  }

  private nodeSocket(): Socket {
    return {
      buffered: () => Math.max(0, this.heldBytes - KERNEL_BYTES),
      send: (bytes) => this.write(bytes.slice()),
      join: (topic) => this.node?.join(topic),
      leave: (topic) => this.node?.leave(topic),
      close: (code, reason) => {
        if (!this.node) return;
        this.down('close', () => this.endClient(code, reason));
        this.endNode(code);
      },
      batch: (calls) => calls(),
    };
  }

  /** @param sent the wire's own */
  write(sent: Uint8Array): void {
    if (!this.node) return;
    const bytes = this.tap.sent(this, sent);
    if (!bytes) return;
    if (this.paused) {
      this.held.push(bytes);
      this.heldBytes += bytes.length;
      if (this.heldBytes <= BUFFERED_BYTES_MAX) return;
      this.reset();
      this.endNode(CLOSED_ABNORMALLY);
      return;
    }
    this.down(`down ${bytes.length}`, () => this.deliver(bytes));
  }

  private deliver(bytes: Uint8Array): void {
    if (this.clientUp) this.client.onmessage?.({ data: bytes.slice().buffer });
  }

  private up(what: string, run: () => void): void {
    this.lastUpMs = Math.max(this.lastUpMs, this.scheduler.nowMs + this.weather.latencyMs());
    this.scheduler.at(this.lastUpMs, `wire ${this.id} ${what}`, () => {
      if (!this.severed) run();
    });
  }

  private down(what: string, run: () => void): void {
    if (this.paused) {
      const earlier = this.heldEnd;
      this.heldEnd = () => {
        earlier?.();
        run();
      };
      return;
    }
    this.lastDownMs = Math.max(this.lastDownMs, this.scheduler.nowMs + this.weather.latencyMs());
    this.scheduler.at(this.lastDownMs, `wire ${this.id} ${what}`, () => {
      if (!this.severed) run();
    });
  }

  private endClient(code: number, reason: string): void {
    if (!this.clientUp) return;
    this.clientUp = false;
    this.client.onclose?.({ code, reason });
  }

  private endNode(code: number): void {
    const { node } = this;
    this.node = undefined;
    node?.leaveAll();
    node?.closed(code);
  }

  private silence(): void {
    Object.assign(this.client, { onopen: null, onmessage: null, onclose: null, onerror: null });
  }
}
