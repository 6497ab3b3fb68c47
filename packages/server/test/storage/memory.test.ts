import { storageContract } from './contract.js';
import { openMemoryHarness } from './memory-harness.js';

storageContract('memory', openMemoryHarness);
