/** What a backend is told by a server that is in trouble. */
import { connectAdmin, TalariaError, type Admin } from '@talaria/sdk/admin';
import type { Rig } from './rig.js';

/** The code by which a send over HTTP is refused; empty when it is not. */
export async function sendRefusal(rig: Rig): Promise<string> {
  const [stage] = rig.stages;
  try {
    await backendOf(rig, stage!.key).messages.send({ conversation_id: stage!.conversations[0]!, text: 'sent by the backend' });
    return '';
  } catch (error) {
    if (error instanceof TalariaError) return error.code;
    throw error;
  }
}

/** Reads the newest page of every conversation. @returns how many @throws TalariaError when one cannot be read */
export async function readAll(rig: Rig): Promise<number> {
  for (const stage of rig.stages) {
    const backend = backendOf(rig, stage.key);
    for (const conversation of stage.conversations) await backend.messages.list({ conversation_id: conversation });
  }
  return rig.stages.reduce((sum, { conversations }) => sum + conversations.length, 0);
}

/** What `/readyz` answers: 200 or 503. */
export async function readiness(rig: Rig): Promise<number> {
  return (await fetch(new URL('/readyz', rig.server.url))).status;
}

/** One that does not try again by itself. */
function backendOf(rig: Rig, key: string): Admin {
  return connectAdmin({ url: rig.server.url, key, retries: 0 });
}
