/** Nodes say each second that they are there. One that has been silent for longer than this is gone, or cut off. */
export const SILENT_MS = 3_000;
