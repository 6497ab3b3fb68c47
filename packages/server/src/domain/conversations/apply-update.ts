import type { UpdateConversation } from '../../storage/command.js';
import type { EventRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { authorise } from './authorise.js';

/** Appends `conversation.updated` with name, data and history policy as they are from now on. */
export function applyUpdateConversation(work: UnitOfWork, command: UpdateConversation): EventRow {
  const { conversation } = authorise(work, command, command.conversation, 'conversation.update');
  const name = command.name ?? conversation.name;
  const data = command.data ?? conversation.data;
  const history = command.history ?? conversation.history;
  const event = work.append(command, {
    stream: conversation.id, type: 'conversation.updated', payload: JSON.stringify({ name, data: JSON.parse(data) as unknown, history }),
  });
  conversation.name = name;
  conversation.data = data;
  conversation.history = history;
  conversation.updatedMs = event.timeMs;
  work.changeConversation(conversation);
  return event;
}
