// Loaded into each thread before anything else (`node --import`): the time of day of all threads can be set back, so that a week passes in seconds.
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';

const NAME = 'talaria-screenshots-back-ms';

if (isMainThread) setEnvironmentData(NAME, new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT));
const back = new Float64Array(getEnvironmentData(NAME));
const machine = Date.now.bind(Date);
Date.now = () => Math.floor(machine() - back[0]);

/** @param ms how far back, from now on */
export function setBack(ms) {
  back[0] = ms;
}
