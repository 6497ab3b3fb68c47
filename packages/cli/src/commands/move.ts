import type { Command } from 'commander';
import { addCommand } from '../command.js';
import type { Context } from '../context.js';

export function addMove(program: Command, _context: Context): void {
  addCommand(program, 'move', 'Move the database of a data directory into a Postgres.', ['move']);
}
