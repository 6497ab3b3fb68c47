/** Which answers are due to a session, and which have come: every command and every call gets one. */
import type { DownFrame } from '@talaria/protocol';

/** What an answer can be known by; texts that are changed on their way to the wire, and nothing, are not. */
const PLAIN = /^[\u0020-\u007e]+$/;

export class DueAnswers {
  private readonly due = new Map<string, number>();

  /** @param frame as it is sent */
  add(frame: unknown): void {
    const { send, call } = frame as { readonly send?: { readonly client_id?: string }; readonly call?: { readonly id?: number } };
    if (send?.client_id !== undefined && PLAIN.test(send.client_id)) this.count(`send ${send.client_id}`);
    if (call?.id !== undefined && call.id > 0) this.count(`call ${call.id}`);
  }

  /** @returns what has not been answered yet */
  missing(frames: readonly DownFrame[]): readonly string[] {
    const came = new Map<string, number>();
    for (const frame of frames) {
      const name = nameOf(frame);
      if (name !== undefined) came.set(name, (came.get(name) ?? 0) + 1);
    }
    return [...this.due].filter(([name, count]) => (came.get(name) ?? 0) < count).map(([name]) => name);
  }

  private count(name: string): void {
    this.due.set(name, (this.due.get(name) ?? 0) + 1);
  }
}

function nameOf(frame: DownFrame): string | undefined {
  if (frame.frame === 'ack') return `send ${frame.ack.client_id}`;
  if (frame.frame === 'reply') return `call ${frame.reply.id}`;
  if (frame.frame !== 'refusal') return undefined;
  const { call_id: call, client_id: client } = frame.refusal;
  return call > 0 ? `call ${call}` : `send ${client}`;
}
