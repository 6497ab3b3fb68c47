/** The transport of a simulated node: wires instead of sockets. It keeps the duties of the transport port. */
import { Topics, type HttpRequest, type HttpResponse, type StartTransport, type Transport, type TransportHandlers, type UpgradeAnswer } from '@talaria/server/internals';
import type { Life } from './life.js';
import type { Mutation } from './mutation.js';
import type { AckingNode, Wire } from './wire.js';

const ADDRESS = '10.0.0.1';
const PORT = 7400;

export interface NodePort {
  upgrade(wire: Wire, url: URL, protocols: readonly string[]): Promise<void>;
  http(request: Omit<HttpRequest, 'address'>): Promise<HttpResponse>;
  /** The process dies: the other ends are reset, or hear nothing. */
  die(told: (wire: Wire) => boolean): void;
}

/** @param owner the node @param listening told the port when the node takes connections, and undefined when it does no more */
export function createNodeTransport(life: Life, owner: AckingNode, mutation: Mutation, listening: (port: NodePort | undefined) => void): StartTransport {
  return <Connection>(_listen: unknown, handlers: TransportHandlers<Connection>): Promise<Transport> => {
    const topics = new Topics<Wire>();
    const wires = new Set<Wire>();

    function accept(wire: Wire, answer: UpgradeAnswer<Connection>): void {
      if (!life.alive || !answer.accept) {
        wire.refuse();
        return;
      }
      const { connection } = answer;
      wires.add(wire);
      wire.takenBy = owner;
      wire.accept({
        message: (bytes) => handlers.message(connection, bytes, true),
        drained: () => handlers.drained(connection),
        closed(code) {
          wires.delete(wire);
          if (life.alive) handlers.closed(connection, code);
        },
        join: (topic) => topics.join(topic, wire),
        leave: (topic) => topics.leave(topic, wire),
        leaveAll: () => topics.leaveAll(wire),
      });
      handlers.open(connection, mutation.nodeSocket?.(wire.socket, (ms, run) => void life.after(ms, 'later', run)) ?? wire.socket);
    }

    const port: NodePort = {
      async upgrade(wire, url, protocols) {
        const answer = handlers.upgrade({ path: url.pathname, query: '', origin: undefined, subprotocols: protocols, address: ADDRESS, forwardedFor: undefined, traceparent: undefined });
        accept(wire, answer instanceof Promise ? await answer : answer);
      },
      http: (request) => handlers.http({ ...request, address: ADDRESS }),
      die(told) {
        for (const wire of wires) wire.nodeDied(told(wire));
        wires.clear();
      },
    };
    listening(port);
    return Promise.resolve({
      name: 'ws', port: PORT,
      publish(topic, bytes) {
        if (!life.alive) return;
        const copy = bytes.slice();
        for (const wire of topics.followers(topic) ?? []) wire.write(copy);
      },
      stopListening: () => listening(undefined),
      close() {
        for (const wire of wires) wire.socket.close(1001, 'draining');
        return Promise.resolve();
      },
    });
  };
}
