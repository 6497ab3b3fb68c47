import { ProtocolError } from '@talaria/protocol';
import type { OperationInput } from '@talaria/protocol/operations';
import type { Domain } from '../domain.js';
import { attemptLogin } from '../identity/attempt-limits.js';
import { NOBODYS_HASH } from '../identity/nobodys-hash.js';
import { loginText, passwordText } from '../identity/password-rules.js';
import { INSTALLATION } from './installation.js';
import { beginSession, type Begun, type Visitor } from './sessions.js';

/**
 * Signs in. A login that nobody has, an invitation, a disabled operator and a wrong password are answered alike, after the same work.
 *
 * @throws ProtocolError invalid_credentials, rate_limited, overloaded
 */
export async function signIn(domain: Domain, input: OperationInput<'session.create'>, visitor: Visitor): Promise<Begun> {
  const login = loginText(input.login);
  const attempt = await attemptLogin(domain, INSTALLATION, login, visitor.address);
  const operator = await domain.storage.operatorByLogin(login);
  const known = operator?.passwordHash ?? NOBODYS_HASH;
  const right = await domain.passwords.verify(known, passwordText(input.password)).catch(async (error: unknown) => {
    await attempt.undone();
    throw error;
  });
  if (!right || !operator?.passwordHash || operator.disabled) throw new ProtocolError('invalid_credentials');
  await attempt.succeeded();
  return beginSession(domain, operator, operator.passwordHash, visitor);
}
