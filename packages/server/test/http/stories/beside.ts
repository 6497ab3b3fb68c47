import type { DownFrame } from '@talaria/protocol';
import type { Stage } from '../support/stage.js';

/** Connections of another app of the same installation, with users and a group of the same names. */
export interface Beside {
  /** What they were told since they connected, but for heartbeats that say nothing, up to a message of their own that has come to both. */
  heard(): Promise<readonly DownFrame[]>;
}

/** ISO1: whoever looks on from beside, in each subprotocol. */
export async function watchFromBeside(stage: Stage): Promise<Beside> {
  const scene = await stage.scene();
  await stage.done('conversations.update', { conversation_id: scene.group, name: 'great plans' }, { as: scene.key });
  const sockets = await Promise.all((['talaria.v1', 'talaria.v1.json'] as const).map(async (protocol) => {
    const socket = await stage.world.socket(scene, protocol);
    await socket.hello(scene.bob.token);
    return socket;
  }));
  const say = async (text: string): Promise<number> => {
    const { seq } = await stage.done('messages.send', { conversation_id: scene.group, text }, { as: scene.key });
    for (const socket of sockets) await socket.until(() => socket.texts(scene.group).includes(text));
    return seq;
  };
  await say('is it?');
  const from = sockets.map(({ frames }) => frames.length);
  return {
    async heard() {
      const own = await say('it is quiet here');
      return sockets.flatMap(({ frames }, at) => frames.slice(from[at]).filter((frame) => !isOwn(frame, scene.group, own) && !isEmptyBeat(frame)));
    },
  };
}

const isEmptyBeat = (frame: DownFrame): boolean => frame.frame === 'ping' && frame.ping.heads.length === 0;
const isOwn = (frame: DownFrame, stream: string, seq: number): boolean => frame.frame === 'facts' && frame.facts.stream === stream && frame.facts.from_seq === seq;
