import { z } from 'zod';
import type { Operation } from './operation.js';
import { externalId, timeMs, userId, userRef, name, data, empty } from './schemas.js';

export const authOperations = {
  'auth.token': {
    method: 'POST', path: '/v1/auth/token', tag: 'auth', user: false, scope: 'tokens:write', command: false,
    summary: 'Mint a user token. The user is made when there is none.',
    input: z.strictObject({
      external_id: externalId.meta({ description: 'Your own id of the user.' }),
      name: name.optional(), data: data.optional(),
      expires_in_s: z.int().min(10).max(30 * 86_400).default(3_600),
    }),
    output: z.strictObject({ token: z.string(), user_id: userId, expires_at: timeMs }),
  },
  'auth.revoke': {
    method: 'POST', path: '/v1/auth/revoke', tag: 'auth', user: false, scope: 'tokens:write', command: false,
    summary: 'Revoke every token of a user that was issued before a moment, now by default. Open connections are closed.',
    input: z.strictObject({ user_id: userRef, issued_before_ms: timeMs.optional() }),
    output: empty,
  },
} as const satisfies Record<string, Operation>;
