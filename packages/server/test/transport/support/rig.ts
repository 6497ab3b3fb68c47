import type {
  HttpRequest, HttpResponse, Socket, StartTransport, Transport, TransportBounds, TransportHandlers, UpgradeAnswer, UpgradeRequest,
} from '../../../src/gateway/transport-port.js';
import { eventually } from './eventually.js';

export const BOUNDS: TransportBounds = {
  frame_bytes_max: 64 * 1024, body_bytes_max: 32 * 1024, buffered_bytes_max: 8 * 1024 * 1024, request_timeout_ms: 30_000,
};

/** The gateway's side of one socket, as the tests see it. */
export class Peer {
  socket: Socket | undefined;
  readonly messages: { readonly bytes: Buffer; readonly binary: boolean }[] = [];
  readonly closes: number[] = [];
  drains = 0;

  constructor(readonly request: UpgradeRequest) {}

  /** The socket, which must be open by now. */
  get open(): Socket {
    if (!this.socket) throw new Error('the socket was not opened');
    return this.socket;
  }
}

export interface RigOptions {
  readonly bounds?: Partial<TransportBounds>;
  readonly host?: string;
  readonly port?: number;
  upgrade?(request: UpgradeRequest, peer: Peer): UpgradeAnswer<Peer> | Promise<UpgradeAnswer<Peer>>;
  open?(peer: Peer): void;
  message?(peer: Peer, bytes: Uint8Array, binary: boolean): void;
  drained?(peer: Peer): void;
  closed?(peer: Peer): void;
  http?(request: HttpRequest): Promise<HttpResponse>;
}

export interface Rig {
  readonly transport: Transport;
  readonly port: number;
  /** In the order in which they were opened. */
  readonly peers: readonly Peer[];
  readonly requests: readonly HttpRequest[];
  /** The nth socket, as soon as it is open. */
  peer(index: number): Promise<Peer>;
}

/** One running transport with handlers that note everything down. */
export async function startRig(start: StartTransport, options: RigOptions = {}): Promise<Rig> {
  const peers: Peer[] = [];
  const requests: HttpRequest[] = [];
  const transport = await start({ host: options.host ?? '127.0.0.1', port: options.port ?? 0, bounds: { ...BOUNDS, ...options.bounds } }, handlers(options, peers, requests));
  return {
    transport,
    port: transport.port,
    peers,
    requests,
    async peer(index) {
      await eventually(() => peers.length > index);
      return peers[index]!;
    },
  };
}

/** Accepts, with the first subprotocol that was offered. */
export function accept(peer: Peer): UpgradeAnswer<Peer> {
  return { accept: true, subprotocol: peer.request.subprotocols[0] ?? '', connection: peer };
}

export const REFUSED_STATUS = { too_large: 413, request_timeout: 408, bad_request: 400 } as const;

function handlers(options: RigOptions, peers: Peer[], requests: HttpRequest[]): TransportHandlers<Peer> {
  return {
    upgrade(request) {
      const peer = new Peer(request);
      return options.upgrade?.(request, peer) ?? accept(peer);
    },
    open(peer, socket) {
      peer.socket = socket;
      peers.push(peer);
      options.open?.(peer);
    },
    message(peer, bytes, binary) {
      peer.messages.push({ bytes: Buffer.from(bytes), binary });
      options.message?.(peer, bytes, binary);
    },
    drained(peer) {
      peer.drains += 1;
      options.drained?.(peer);
    },
    closed(peer, code) {
      peer.closes.push(code);
      options.closed?.(peer);
    },
    http(request) {
      requests.push(request);
      return options.http?.(request) ?? Promise.resolve(text(200, 'ok'));
    },
    refuseHttp: (reason) => text(REFUSED_STATUS[reason], `refused: ${reason}`),
  };
}

export function text(status: number, body: string): HttpResponse {
  return { status, headers: [['content-type', 'text/plain']], body };
}
