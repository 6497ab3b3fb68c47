import { memoryStore } from '../../src/store/memory.js';
import { storeContract } from './contract.js';

storeContract({
  name: 'memory',
  place: () => Promise.resolve({ open: () => Promise.resolve(memoryStore()), remove: () => Promise.resolve() }),
  skips: {
    '[SND7] what was written is there when the store is opened again': 'it lives as long as its object',
    '[SND7] close waits for the writes before it': 'it lives as long as its object',
    'a closed store refuses, and may be closed twice': 'it has nothing to close',
  },
});
