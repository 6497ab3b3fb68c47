import { ProtocolError } from '@talaria/protocol';
import { loginSchema } from '@talaria/protocol/operations';
import { commonPasswords } from './common-passwords.js';

const CHARS_MIN = 8;

/** One form for each text, whatever keyboard it was typed on (NIST SP 800-63B, section 5.1.1.2). */
export const passwordText = (password: string): string => password.normalize('NFKC');
/**
 * One form for each login: capitals and widths do not matter. The form is a login itself: who is shown it can log in with it.
 *
 * @throws ProtocolError invalid_argument where a sign stands for a blank, or for so many letters that the login is too long
 */
export function loginText(login: string): string {
  const text = login.normalize('NFKC').toLowerCase();
  if (!loginSchema.safeParse(text).success) throw new ProtocolError('invalid_argument', 'The login has signs that stand for blanks, or for too many letters.', { field: 'login' });
  return text;
}

/** Length, and not a word of everybody's (NIST SP 800-63B): nothing else makes a password better. @throws ProtocolError invalid_argument */
export function checkPassword(password: string, login: string, field: string): void {
  const text = passwordText(password);
  if ([...text].length < CHARS_MIN) throw new ProtocolError('invalid_argument', `A password must have at least ${CHARS_MIN} characters.`, { field });
  const plain = text.toLowerCase();
  if (commonPasswords.has(plain) || plain === login || plain === login.split('@')[0] || new Set(plain).size < 3) {
    throw new ProtocolError('invalid_argument', 'This password is one of the first that would be tried. Choose another one.', { field });
  }
}
