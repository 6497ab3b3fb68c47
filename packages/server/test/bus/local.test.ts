import { createLocalBus } from '../../src/bus/local/local-bus.js';
import { busContract } from './contract.js';

busContract('local', () => {
  const bus = createLocalBus();
  return Promise.resolve({ nodes: [bus], settled: () => Promise.resolve(), close: () => bus.stop() });
});
