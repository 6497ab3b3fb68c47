import { loadUws } from '../../src/transport/uws-binding.js';
import { createUwsTransport } from '../../src/transport/uws.js';
import { transportContract } from './contract.js';

const binding = loadUws();
if (!binding.ok) throw new Error(`no native transport on this machine: ${binding.reason}`);

transportContract(createUwsTransport(binding.uws), {
  name: 'uws',
  frames: {
    rsv: 'ends', reservedOpcode: 'ends', oversizedPing: 'ends', orphanContinuation: 'ends', dataMidFragment: 'merged', textMidFragment: 'ends',
    oneByteClose: 1005, unmasked: 'noise', invalidText: 'ends', tooLong: 'ends', tinyFragments: 'ends',
  },
  earlyData: 'dropped',
  slowHeaders: 'ends',
  hugeHeaders: 431,
});
