import type { Admin } from '@talaria/sdk/admin';

const AT_ONCE = 32;
const WORDS = 'harbour lantern pier tide rope gull anchor salt breeze deck sail morning coffee ledger crate dock lighthouse fog bell map'.split(' ');

/** A conversation of mira and jonas with so many messages of one to three lines, all of them read. @returns its id */
export async function fillConversation(backend: Admin, messages: number): Promise<string> {
  const { conversation_id: id } = await backend.conversations.create({ name: 'Ten thousand', member_ids: ['ext:jonas'], as_user_id: 'ext:mira', history: 'all' });
  let next = 0;
  const write = async (): Promise<void> => {
    while (next < messages) {
      next += 1;
      const at = next;
      const length = 2 + ((at * 7_919) % 23);
      const text = Array.from({ length }, (_, word) => WORDS[(at * 31 + word * 17) % WORDS.length]).join(' ');
      await backend.messages.send({ conversation_id: id, text: `${at}. ${text}`, as_user_id: at % 3 === 0 ? 'ext:mira' : 'ext:jonas' });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, write));
  const { head_seq: seq } = await backend.conversations.get({ conversation_id: id });
  await backend.marks.set({ conversation_id: id, read_seq: seq, as_user_id: 'ext:mira' });
  return id;
}
