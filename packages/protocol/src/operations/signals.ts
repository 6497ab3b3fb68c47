import { z } from 'zod';
import { limits } from '../limits.js';
import type { Operation } from './operation.js';
import { asUser, conversationId, empty, userRef } from './schemas.js';

const encoder = new TextEncoder();
const signalData = z.record(z.string().max(128), z.json())
  .refine((value) => encoder.encode(JSON.stringify(value)).length <= limits.signal_bytes_max, { error: `must have at most ${limits.signal_bytes_max} bytes as JSON` })
  .meta({ description: 'Your own JSON object.' });

export const signalOperations = {
  'signals.send': {
    method: 'POST', path: '/v1/signals', tag: 'signals', user: true, scope: 'messages:write', command: false,
    summary: 'Tell those who follow a conversation at this moment, or the connected devices of a user. Nothing is kept, and nobody is told who was there.',
    input: z.strictObject({
      conversation_id: conversationId.optional(),
      user_id: userRef.optional().meta({ description: 'Instead of a conversation: a user with whom the sender shares one, where neither has blocked the other.' }),
      type: z.string().min(1).refine((value) => [...value].length <= limits.signal_type_chars_max, { error: `must have at most ${limits.signal_type_chars_max} characters` })
        .meta({ example: 'location', description: '`typing`, or one of your own.' }),
      data: signalData.optional(),
      lifetime_ms: z.int().min(0).max(limits.signal_lifetime_ms_max).optional().meta({ description: 'How long it holds. Default: the most that its type may have; 6,000 for `typing`.' }),
      as_user_id: asUser,
    }),
    output: empty,
  },
} as const satisfies Record<string, Operation>;
