import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { decisionCommand } from './decide.ts';

export function command(context: Context): Command {
  return decisionCommand(
    context,
    'reject',
    'Refuses a gate: what waits behind it never starts, the others go on, nothing is delivered.',
    'reject q3-report spawn-email-drafter --reason "wrong list of prospects"',
  );
}
