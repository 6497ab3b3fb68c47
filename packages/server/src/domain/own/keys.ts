/** Keys of entries in a user's stream that name a message of some conversation. They sort by conversation, then by seq. */

const SEQ_DIGITS = 16;

export function messageKey(conversation: string, seq: number): string {
  return `${conversation}/${seq.toString().padStart(SEQ_DIGITS, '0')}`;
}

export function parseMessageKey(key: string): { readonly conversation: string; readonly seq: number } {
  const slash = key.indexOf('/');
  return { conversation: key.slice(0, slash), seq: Number(key.slice(slash + 1)) };
}
