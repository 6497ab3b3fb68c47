import { text } from 'node:stream/consumers';

/** The argument itself, or for `-` all of standard input without its last line break. */
export async function argumentOrInput(argument: string): Promise<string> {
  return argument === '-' ? (await text(process.stdin)).replace(/\r?\n$/, '') : argument;
}
