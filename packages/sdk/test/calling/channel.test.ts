/** Two devices over signals that are lost, repeated and turned around. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Channel, defaultChannelBounds, signalOf, typeOf, type SignalData, type SignalKind } from '../../src/calling/channel.js';
import { manualRuntime, type ManualRuntime } from '../manual-runtime.js';

type Message = Pick<SignalData, 'n' | 'part' | 'parts' | 'text' | 'ack'>;
type Fate = 'arrives' | 'lost' | 'twice' | 'late';

interface Side {
  readonly channel: Channel;
  readonly received: string[];
  failed: number;
  alive: boolean;
}

/** @param fates of the signals, one after the other; what comes behind them arrives */
function pair(runtime: ManualRuntime, fates: readonly Fate[] = []): { readonly left: Side; readonly right: Side; readonly signals: { kind: SignalKind; message: Message }[] } {
  const signals: { kind: SignalKind; message: Message }[] = [];
  let next = 0;
  const make = (other: () => Side): Side => {
    const side: Side = {
      received: [], failed: 0, alive: false,
      channel: new Channel(runtime, {
        transmit(kind, message) {
          signals.push({ kind, message });
          const arrive = (): void => {
            other().channel.acked(message.ack);
            other().channel.take(kind, message);
          };
          const fate = fates[next++] ?? 'arrives';
          if (fate === 'lost') return;
          runtime.after(fate === 'late' ? 1_500 : 10, arrive);
          if (fate === 'twice') runtime.after(20, arrive);
        },
        receive: (kind, text) => void side.received.push(`${kind} ${text}`),
        alive: () => side.alive,
        failed: () => {
          side.failed += 1;
        },
      }, defaultChannelBounds),
    };
    return side;
  };
  const left: Side = make(() => right);
  const right: Side = make(() => left);
  return { left, right, signals };
}

const KINDS: readonly SignalKind[] = ['offer', 'answer', 'candidate'];

describe('a channel', () => {
  it('brings every message once and in order, whatever happens to the signals', () => {
    const fate = fc.constantFrom<Fate>('arrives', 'lost', 'lost', 'twice', 'late');
    const message = fc.record({ left: fc.boolean(), kind: fc.nat({ max: 2 }), length: fc.constantFrom(0, 5, 4_000, 12_000), waitMs: fc.constantFrom(0, 0, 30, 700) });
    fc.assert(fc.property(fc.array(fate, { maxLength: 80, size: 'max' }), fc.array(message, { minLength: 1, maxLength: 12 }), (fates, messages) => {
      const runtime = manualRuntime();
      const { left, right } = pair(runtime, fates);
      const sent = { left: [] as string[], right: [] as string[] };
      messages.forEach((one, at) => {
        const text = `${at}`.padEnd(one.length, '"\r\n');
        const kind = KINDS[one.kind]!;
        (one.left ? left : right).channel.send(kind, text);
        sent[one.left ? 'left' : 'right'].push(`${kind} ${text}`);
        runtime.advance(one.waitMs);
      });
      // Each repeat of the oldest may be lost anew; none of them longer than the fates reach.
      left.alive = true;
      right.alive = true;
      runtime.advance(1_000_000);
      expect(right.received).toEqual(sent.left);
      expect(left.received).toEqual(sent.right);
      expect([left.failed, right.failed]).toEqual([0, 0]);
      // Nothing is said any more once all has arrived.
      expect(runtime.nextMs()).toBeUndefined();
    }), { numRuns: 300 });
  }, 120_000);

  it('repeats more and more seldom, and gives up after 30 s', () => {
    const runtime = manualRuntime();
    const { left, signals } = pair(runtime, Array.from({ length: 1_000 }, () => 'lost'));
    left.channel.send('offer', 'sdp');
    const at: number[] = [0];
    for (let ms = 0; left.failed === 0; ms += 500) {
      const before = signals.length;
      runtime.advance(500);
      if (signals.length > before) at.push(ms + 500);
    }
    expect(at.slice(0, 5)).toEqual([0, 1_000, 3_000, 7_000, 11_000]);
    expect(at.at(-1)).toBeLessThanOrEqual(31_000);
    expect(runtime.nextMs()).toBeUndefined();
    left.channel.send('offer', 'nobody is there');
    expect([left.failed, runtime.nextMs()]).toEqual([1, undefined]);
  });

  it('does not give up while the other side is known to be there', () => {
    const runtime = manualRuntime();
    const { left, right } = pair(runtime, Array.from({ length: 40 }, () => 'lost'));
    left.alive = true;
    left.channel.send('offer', 'sdp');
    runtime.advance(100_000);
    expect([left.failed, right.received]).toEqual([0, []]);
    runtime.advance(100_000);
    expect(right.received).toEqual(['offer sdp']);
  });

  it('refuses what is too long, and more than 128 messages that nobody has acked', () => {
    const runtime = manualRuntime();
    const { left, signals } = pair(runtime, Array.from({ length: 1_000 }, () => 'lost'));
    expect(() => left.channel.send('offer', 'x'.repeat(60_000))).toThrow(RangeError);
    expect(signals).toEqual([]);
    for (let at = 0; at < 128; at += 1) left.channel.send('candidate', '');
    expect(() => left.channel.send('candidate', '')).toThrow(RangeError);
  });

  it('leaves what does not fit: another count of parts, a number too far ahead, an ack of what was never said', () => {
    const runtime = manualRuntime();
    const { left, right } = pair(runtime);
    const take = (message: Partial<Message>): void => left.channel.take('offer', { n: 1, part: 0, parts: 2, text: 'a', ...message });
    take({});
    take({ parts: 3, part: 2 });
    take({ part: 2 });
    take({ part: -1 });
    take({ n: 500, parts: 1 });
    take({ n: 0, parts: 1 });
    take({ n: 3, parts: 10_000 });
    left.channel.acked(7);
    left.channel.take('answer', { n: 1, part: 1, parts: 2, text: 'b' });
    expect(left.received).toEqual([]);
    take({ part: 1, text: 'b' });
    expect(left.received).toEqual(['offer ab']);
    left.channel.send('answer', 'c');
    runtime.advance(100);
    expect(right.received).toEqual(['answer c']);
  });

  it('says and hears nothing once it is closed', () => {
    const runtime = manualRuntime();
    const { left, right, signals } = pair(runtime);
    left.channel.send('offer', 'one');
    right.channel.close();
    left.channel.close();
    runtime.advance(60_000);
    left.channel.take('offer', { n: 1, part: 0, parts: 1, text: 'x' });
    expect([right.received, left.received, signals.length, runtime.nextMs()]).toEqual([[], [], 1, undefined]);
  });
});

describe('what a stranger sends', () => {
  const good: SignalData = { call: 'q', from: 'd', to: { user: 'u', device: 'e' }, session: 's', ack_session: '', n: 1, part: 0, parts: 1, text: '', ack: 0 };

  it('is taken when it has the form', () => {
    for (const kind of ['offer', 'answer', 'candidate', 'end', 'ack'] as const) expect(signalOf(typeOf(kind), { ...good })).toEqual({ kind, signal: good });
  });

  it.each([
    ['typing', {}], ['call.', {}], ['call.other', {}], ['offer', {}], ['call.offer', { n: '1' }], ['call.offer', { n: 1.5 }], ['call.offer', { to: null }], ['call.offer', { to: 'u' }], ['call.offer', { text: 7 }],
    ['call.offer', { session: undefined }], ['call.offer', { parts: Number.NaN }],
  ])('is left when it has not: %s %o', (type, change) => {
    expect(signalOf(type, { ...good, ...change })).toBeUndefined();
  });
});
