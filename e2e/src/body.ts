/** The text of a message's body. */
export const textOf = (body: Readonly<Record<string, unknown>>): string => (typeof body['text'] === 'string' ? body['text'] : '');
