import { describe } from 'vitest';
import type { StartTransport } from '../../src/gateway/transport-port.js';
import { badFrameContract } from './contract/bad-frames.js';
import { batchContract } from './contract/batch.js';
import { closingContract } from './contract/closing.js';
import { httpBoundsContract } from './contract/http-bounds.js';
import { httpContract } from './contract/http.js';
import { lifecycleContract } from './contract/lifecycle.js';
import { messageContract } from './contract/messages.js';
import { overflowContract } from './contract/overflow.js';
import { slowClientContract } from './contract/slow-client.js';
import { smugglingContract } from './contract/smuggling.js';
import { topicContract } from './contract/topics.js';
import { upgradeContract } from './contract/upgrade.js';
import type { Expectations } from './support/expectations.js';

/** The duties of the transport port. Every driver registers it; it says where it differs, and skips nothing. */
export function transportContract(start: StartTransport, expectations: Expectations): void {
  describe(`transport ${expectations.name}`, () => {
    describe('http', () => httpContract(start));
    describe('http bounds', () => httpBoundsContract(start, expectations));
    describe('smuggling', () => smugglingContract(start));
    describe('upgrade', () => upgradeContract(start, expectations));
    describe('messages', () => messageContract(start));
    describe('topics', () => topicContract(start));
    describe('batch', () => batchContract(start));
    describe('closing', () => closingContract(start));
    describe('slow client', () => slowClientContract(start));
    describe('overflow', () => overflowContract(start));
    describe('lifecycle', () => lifecycleContract(start, expectations));
    describe('bad frames', () => badFrameContract(start, expectations));
  });
}
