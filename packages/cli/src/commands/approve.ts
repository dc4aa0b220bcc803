import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { decisionCommand } from './decide.ts';

export function command(context: Context): Command {
  return decisionCommand(
    context,
    'approve',
    'Opens a gate: what waits behind it starts.',
    'approve q3-report spawn-email-drafter --reason "looks right"',
  );
}
