/** A process of probes: takes orders from the run that started it, and ends with it. */
import { Probe } from '../probe.js';
import type { ProbeSetup } from '../setup.js';
import { together, type FleetState, type Order, type Report } from './orders.js';

/** Probes that connect at once: a server takes only so many in a second. */
const START_AT_ONCE = 100;

const probes = new Map<string, Probe>();

const report = (message: Report): void => void process.send?.(message);

async function obey(order: Order): Promise<void> {
  switch (order.kind) {
    case 'start':
      await start(order.setups);
      report({ kind: 'started' });
      return;
    case 'run': for (const probe of probes.values()) probe.run(order.paceMs); return;
    case 'pause': for (const probe of probes.values()) probe.pause(); return;
    case 'ask': report({ kind: 'state', id: order.id, state: state() }); return;
    case 'turn':
      for (const probe of probes.values()) probe.turn(order.historyDir);
      report({ kind: 'turned' });
      return;
    case 'finish': {
      const ends = await Promise.all([...probes].map(async ([name, probe]) => ({ name, ...await probe.finish(order.heads[name] ?? {}, order.within_ms) })));
      report({ kind: 'finished', ends });
    }
  }
}

async function start(setups: readonly ProbeSetup[]): Promise<void> {
  for (let at = 0; at < setups.length; at += START_AT_ONCE) {
    await Promise.all(setups.slice(at, at + START_AT_ONCE).map((setup) => {
      const probe = new Probe(setup);
      probes.set(setup.name, probe);
      return probe.start();
    }));
  }
}

function state(): FleetState {
  return together([...probes].map(([name, probe]) => {
    const { connected, problem, ...counts } = probe.state;
    return { ...counts, probes: 1, connected: connected ? 1 : 0, problems: problem === undefined ? [] : [`${name}: ${problem}`] };
  }));
}

process.on('message', (order: Order) => {
  obey(order).catch((error: unknown) => report({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }));
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole group; the run says when this process ends.
process.on('SIGINT', () => undefined);
