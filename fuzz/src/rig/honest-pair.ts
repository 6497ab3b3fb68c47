/** Two clients that do nothing wrong, on the server that is attacked: what one says, the other hears, once and in order. */
import { createUuid7, uuidText } from '@talaria/protocol';
import { randomFillSync } from 'node:crypto';
import { Finding, hold } from '../finding.js';
import { FrameSocket } from './frame-socket.js';
import type { Scene } from './scene.js';

const newUuid = createUuid7({ now: Date.now, fill: (bytes) => void randomFillSync(bytes) });

export class HonestPair {
  private readonly sent: string[] = [];

  private constructor(private readonly speaker: FrameSocket, private readonly listener: FrameSocket, private readonly conversation: string) {}

  static async open(url: string, scene: Scene): Promise<HonestPair> {
    const [speaker, listener] = [await FrameSocket.open(url, scene.publicKey, 'binary'), await FrameSocket.open(url, scene.publicKey, 'json')];
    for (const [socket, token] of [[speaker, '$harry_token'], [listener, '$hermes_token']] as const) {
      socket.up({ hello: { token: scene.names.get(token)!, device_id: 'd', agent: 'honest', follow_recent: 20 } });
      await socket.until(() => socket.frames.find((frame) => frame.frame === 'heads'));
    }
    return new HonestPair(speaker, listener, scene.names.get('$honest')!);
  }

  /** @throws Finding when the message is not acked, or does not arrive */
  async exchange(): Promise<void> {
    const clientId = uuidText(newUuid());
    this.sent.push(clientId);
    this.speaker.up({ send: { client_id: clientId, conversation_id: this.conversation, text: clientId } });
    const acked = await this.speaker.until(() => this.speaker.frames.find((frame) => frame.frame === 'ack' && frame.ack.client_id === clientId));
    if (!acked) throw new Finding('an honest client lost its connection before its message was acked');
    await this.listener.until(() => (this.heard().at(-1) === clientId ? true : undefined));
    hold(this.heard().join(' ') === this.sent.join(' '), () => `an honest client did not hear what was said: ${this.heard().length} of ${this.sent.length} messages`);
  }

  end(): void {
    this.speaker.destroy();
    this.listener.destroy();
  }

  private heard(): readonly string[] {
    return this.listener.frames.flatMap((frame) => (frame.frame === 'facts' && frame.facts.stream === this.conversation ? frame.facts.facts : []))
      .flatMap((fact) => (fact.type === 'message.created' ? [fact.message?.text ?? ''] : []));
  }
}
