export const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** A number between two, both of the same unit. */
export const between = (least: number, most: number): number => least + Math.random() * (most - least);
