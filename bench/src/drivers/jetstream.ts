/** JetStream's own client: each message is published with an ack. Who follows a room subscribes to it live, which costs the server least. */
import { jetstream, type JetStreamClient } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { portOf } from '../subject.js';
import type { Driver, Link } from './driver.js';

export const jetstreamDriver: Driver = (target, client) => {
  let connection: NatsConnection | undefined;
  let stream: JetStreamClient | undefined;

  async function publish(id: number, room: number, text: string): Promise<void> {
    try {
      await stream!.publish(target.rooms[room]!, text);
    } catch (error) {
      // Cut before the answer.
      if (!connection || connection.isClosed()) return;
      throw error;
    }
    link.acked?.(id);
  }

  const link: Link = {
    acked: undefined, delivered: undefined, greeted: undefined, lost: undefined,
    send: (id, room, text) => void publish(id, room, text),
    cut() {
      void connection?.close();
      connection = undefined;
    },
    async connect() {
      connection = await connect({ servers: `127.0.0.1:${portOf(target, client)}`, reconnect: false, noEcho: true });
      stream = jetstream(connection);
      for (const room of target.follows[client]!) {
        connection.subscribe(target.rooms[room]!, { callback: (_, { data }) => link.delivered?.(Buffer.from(data.buffer, data.byteOffset, data.byteLength)) });
      }
      // The server knows of the subscriptions.
      await connection.flush();
      link.greeted?.();
    },
  };
  return link;
};
