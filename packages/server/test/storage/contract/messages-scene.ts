import type { MessagesPage, MessagesQuery } from '../../../src/storage/port.js';
import type { World } from '../world.js';

/** A conversation to page through and to edit in. */
export interface MessagesScene {
  readonly world: World;
  readonly ann: string;
  readonly ben: string;
  readonly group: string;
  /** Seqs of the messages. */
  readonly seqs: readonly number[];
  readonly ask: (anchor: MessagesQuery['anchor'], limit?: number, viewer?: string | null) => Promise<MessagesPage>;
}

/** Ten messages with other facts between them. */
export async function tenMessages(world: World): Promise<MessagesScene> {
  const [ann, ben] = await world.users(2) as [string, string];
  const group = await world.group(ann, [ben]);
  const seqs: number[] = [];
  for (let at = 0; at < 10; at += 1) {
    seqs.push(await world.say(group, at % 2 ? ann : ben, `m${at}`));
    if (at % 3 === 0) await world.done(world.command('conversation.update', { user: ann, conversation: group, name: `n${at}`, data: null, history: null }));
  }
  return {
    world, ann, ben, group, seqs,
    async ask(anchor, limit = 3, viewer = ann) {
      const page = await world.storage.messages({ app: world.app, conversation: group, viewer, anchor, limit });
      if (!page) throw new Error('not visible');
      return page;
    },
  };
}
