import type { UpdateConversation } from '../../storage/command.js';
import type { EventRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { authorise } from './authorise.js';
import { settingsOf } from './settings.js';

/** Appends `conversation.updated` with name, avatar, data and history policy as they are from now on. */
export function applyUpdateConversation(work: UnitOfWork, command: UpdateConversation): EventRow {
  const { conversation } = authorise(work, command, command.conversation, 'conversation.update');
  const name = command.name ?? conversation.name;
  const data = command.data ?? conversation.data;
  const history = command.history ?? conversation.history;
  const { avatar_url: before = '', ...settings } = settingsOf(conversation);
  const avatarUrl = command.avatarUrl ?? before;
  const event = work.append(command, {
    stream: conversation.id, type: 'conversation.updated', payload: JSON.stringify({ name, avatar_url: avatarUrl || null, data: JSON.parse(data) as unknown, history }),
  });
  conversation.settings = JSON.stringify(avatarUrl === '' ? settings : { ...settings, avatar_url: avatarUrl });
  conversation.name = name;
  conversation.data = data;
  conversation.history = history;
  conversation.updatedMs = event.timeMs;
  work.changeConversation(conversation);
  return event;
}
