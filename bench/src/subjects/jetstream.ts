/** NATS JetStream: one stream in files, as its server is started by default, with a subject for each room. */
import { jetstreamManager, StorageType } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { startNats } from '@talaria/services';
import type { Home, Stage } from '../subject.js';
import { followsOf, serve, type Served } from './serve.js';

async function start(stage: Stage, { directory }: Home): Promise<Served> {
  const nats = await startNats({ args: ['-js', '-sd', directory] });
  if (!nats.process) throw new Error('JetStream is measured on a server of its own; leave TALARIA_TEST_NATS_URL unset');
  const connection = await connect({ servers: nats.url });
  const { config } = await (await jetstreamManager(connection)).streams.add({ name: 'rooms', subjects: ['room.*'], storage: StorageType.File });
  if (config.storage !== StorageType.File) throw new Error('the stream is not kept in files');
  await connection.close();
  return {
    target: { subject: 'jetstream', ports: [nats.port], tokens: [], users: [], app: '', follows: followsOf(stage), rooms: stage.rooms.map((_, at) => `room.${at}`) },
    pid: nats.process.pid, stop: () => nats.stop(),
  };
}

serve({ start });
