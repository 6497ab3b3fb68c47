import { describe, expect, it } from 'vitest';
import { Consumer, type ConsumerOptions, type FactHandler } from '../../src/consume/consumer.js';
import { TalariaError } from '../../src/errors.js';
import { memoryStore } from '../../src/store/memory.js';
import type { Store } from '../../src/store/port.js';
import { manualRuntime } from '../manual-runtime.js';
import { factAt, STREAM } from './facts.js';

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** A store that can be closed, as one in a file. */
function closableStore(): Store {
  const inner = memoryStore();
  let closed = false;
  return {
    ...inner,
    write: (changes) => (closed ? Promise.reject(new TalariaError('closed', 'The store was closed.')) : inner.write(changes)),
    close() {
      closed = true;
      return Promise.resolve();
    },
  };
}

function rig(handler: FactHandler, options: ConsumerOptions = {}, store = closableStore()) {
  const runtime = manualRuntime();
  const failures: TalariaError[] = [];
  const consumer = new Consumer('log', handler, options, store, runtime, { failed: (_, error) => void failures.push(error), overflow: () => undefined });
  return {
    consumer, store, runtime, failures,
    take: (...seqs: number[]) => consumer.take('epoch', STREAM, seqs.map(factAt), { seq: seqs.at(-1)!, check: 7 }),
    cursor: async () => (await store.load('cursors')).map(([, value]) => (JSON.parse(value) as { seq: number }).seq),
  };
}

/** Promises that are resolved by hand. */
function gates() {
  const opens: (() => void)[] = [];
  return { wait: () => new Promise<void>((resolve) => void opens.push(resolve)), open: () => opens.shift()?.() };
}

describe('a consumer that is closed', () => {
  it('[ORD2] waits for the handler that runs, keeps its cursor, and starts no other', async () => {
    const gate = gates();
    const begun: number[] = [];
    const { consumer, store, failures, take, cursor } = rig((fact) => {
      begun.push(fact.seq);
      return gate.wait();
    });
    take(1, 2);
    take(3);
    let ended = false;
    const closed = consumer.close().then(() => {
      ended = true;
      return store.close();
    });
    await turn();
    expect({ ended, begun }).toEqual({ ended: false, begun: [1] });
    gate.open();
    await closed;
    expect({ begun, cursor: await cursor(), failures }).toEqual({ begun: [1], cursor: [1], failures: [] });
  });

  it('[ORD2] does not try a failed handler again, waits for no pause, and reports nothing', async () => {
    let tries = 0;
    const { consumer, runtime, failures, take, cursor } = rig(() => {
      tries += 1;
      throw new Error('not yet');
    });
    take(1);
    await turn();
    expect(runtime.nextMs()).toBeDefined();
    await consumer.close();
    expect(runtime.nextMs()).toBeUndefined();
    runtime.advance(60_000);
    await turn();
    expect({ tries, cursor: await cursor(), failures }).toEqual({ tries: 1, cursor: [], failures: [] });
  });

  it('[ORD2] reports nothing when the handler fails because of it, nor when the store was closed first', async () => {
    for (const outcome of ['fails', 'succeeds']) {
      const gate = gates();
      const { consumer, store, failures, take } = rig(async () => {
        await gate.wait();
        if (outcome === 'fails') throw new TalariaError('closed', 'The client was closed.');
      }, { attemptsMax: 1 });
      take(1, 2);
      await turn();
      const closed = consumer.close();
      await store.close();
      gate.open();
      await closed;
      expect(failures).toEqual([]);
    }
  });
});

describe('the cursor of a consumer', () => {
  it('[ORD2] is not put above a fact that is still being handled', async () => {
    const gate = gates();
    const { consumer, take, cursor } = rig(() => gate.wait());
    take(5);
    consumer.baseline('epoch', STREAM, { seq: 9, check: 1 });
    await turn();
    expect(await cursor()).toEqual([]);
    gate.open();
    await turn();
    expect(await cursor()).toEqual([5]);
  });

  it('that cannot be written stops the stream with what the store says', async () => {
    for (const [thrown, expected] of [[new TalariaError('overloaded', 'Not now.'), { code: 'overloaded' }], [new Error('gone'), { code: 'store_failed', cause: { message: 'gone' } }]] as const) {
      const { failures, take } = rig(() => undefined, {}, { ...memoryStore(), write: () => Promise.reject(thrown) });
      take(1);
      await turn();
      expect(failures).toMatchObject([expected]);
    }
  });
});

describe('a consumer whose log is no more', () => {
  it('[RES5,ORD2] handles nothing of it any more, keeps no cursor of it, and begins the new one behind the handler that runs', async () => {
    const gate = gates();
    const begun: number[] = [];
    const { consumer, take, cursor } = rig((fact) => {
      begun.push(fact.seq);
      return gate.wait();
    });
    take(201, 202);
    take(203);
    const reset = consumer.reset('');
    take(1, 2);
    await turn();
    expect(begun).toEqual([201]);
    gate.open();
    await reset;
    await turn();
    expect({ begun, cursor: await cursor() }).toEqual({ begun: [201, 1], cursor: [] });
    gate.open();
    await turn();
    gate.open();
    await turn();
    expect({ begun, cursor: await cursor(), idle: consumer.idle }).toEqual({ begun: [201, 1, 2], cursor: [2], idle: true });
  });

  it('[RES5] does not try a failed handler again with a fact of it', async () => {
    let tries = 0;
    const { consumer, runtime, failures, take } = rig(() => {
      tries += 1;
      throw new Error('not yet');
    });
    take(201);
    await turn();
    await consumer.reset(STREAM);
    runtime.advance(60_000);
    await turn();
    expect({ tries, failures, idle: consumer.idle }).toEqual({ tries: 1, failures: [], idle: true });
  });
});
