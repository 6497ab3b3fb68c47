import { createNodeTransport } from '../../src/transport/node.js';
import { transportContract } from './contract.js';

transportContract(createNodeTransport(), {
  name: 'ws',
  frames: {
    rsv: 1002, reservedOpcode: 1002, oversizedPing: 1002, orphanContinuation: 1002, dataMidFragment: 1002, textMidFragment: 1002,
    oneByteClose: 1002, unmasked: 1002, invalidText: 1007, tooLong: 1009, tinyFragments: 1008,
  },
  earlyData: 'brought',
  slowHeaders: 408,
  hugeHeaders: 400,
});
