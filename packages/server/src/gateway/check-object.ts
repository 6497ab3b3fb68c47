import { checkJsonText, ProtocolError } from '@talaria/protocol';

/** @throws ProtocolError invalid_argument unless the text is a JSON object */
export function checkObject(text: string, field: string): void {
  const value = checkJsonText(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ProtocolError('invalid_argument', `${field} must be a JSON object.`, { field });
}
