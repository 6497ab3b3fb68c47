import { z } from 'zod';
import type { Operation } from './operation.js';
import { deviceId, externalId, timeMs, tokenName, userId, userRef, name, data, empty } from './schemas.js';

export const authOperations = {
  'auth.token': {
    method: 'POST', path: '/v1/auth/token', tag: 'auth', user: false, scope: 'tokens:write', command: false,
    summary: 'Mint a user token. The user is made when there is none.',
    input: z.strictObject({
      external_id: externalId.meta({ description: 'Your own id of the user.' }),
      name: name.optional(), data: data.optional(),
      expires_in_s: z.int().min(10).max(30 * 86_400).default(3_600),
      device_id: deviceId.optional().meta({ description: 'The device that it is for. All tokens of a device can be revoked at once.' }),
    }),
    output: z.strictObject({ token: z.string(), token_id: z.string().meta({ description: '`jti`, to revoke this token alone.' }), user_id: userId, expires_at: timeMs }),
  },
  'auth.revoke': {
    method: 'POST', path: '/v1/auth/revoke', tag: 'auth', user: false, scope: 'tokens:write', command: false,
    summary: 'Revoke tokens of a user that were issued before a moment, now by default: all, or those of a token id, a session or a device. Open connections are closed.',
    input: z.strictObject({
      user_id: userRef, issued_before_ms: timeMs.optional(),
      token_id: tokenName.optional().meta({ description: 'The one token with this `jti`.' }),
      session_id: tokenName.optional().meta({ description: 'Those with this `sid`.' }),
      device_id: deviceId.optional().meta({ description: 'Those with this `device_id`.' }),
    }),
    output: empty,
  },
} as const satisfies Record<string, Operation>;
