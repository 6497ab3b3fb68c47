/** What is live, as screens show it. */
import type { Live, Typing, UserPresence } from '../live/index.js';
import { EventView, sameList, sameMap, type View } from './cell.js';
import type { Own } from './own.js';

/** Who of the users is there. */
export function presenceOf(live: Live, userIds: readonly string[], ended: () => void): View<ReadonlyMap<string, UserPresence>> {
  const watch = live.watch(userIds);
  return new EventView<ReadonlyMap<string, UserPresence>>((before) => sameMap(before, new Map(userIds.flatMap((id) => {
    const presence = watch.get(id);
    return presence ? [[id, presence] as const] : [];
  }))), (changed) => [watch.on(changed), () => watch.close(), ended]);
}

/** Others who are typing, by id, but for whom the user is not shown in groups (VIS2). */
export class TypingView extends EventView<readonly string[]> {
  private readonly typing: Typing;

  /** @internal */
  constructor(live: Live, own: Own, conversationId: string, ended: () => void) {
    const typing = live.typing({ id: conversationId });
    super(
      (before) => sameList(before, typing.users.filter((id) => !own.hidesUser(id))),
      (changed) => [typing.on(changed), own.events.on('shows', changed), () => typing.close(), ended],
    );
    this.typing = typing;
    own.want();
  }

  /** The user is typing: at each key stroke. */
  start(): void {
    this.typing.start();
  }

  /** The field is empty, or has lost the focus. */
  stop(): void {
    this.typing.stop();
  }
}
