import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { decisionCommand } from './decide.ts';

export function command(context: Context): Command {
  return decisionCommand(
    context,
    'reject',
    'Reject a gate, so that the steps behind it never start.\n\nThe other agents continue, but the team delivers nothing.',
    'reject q3-report spawn-email-drafter --reason "wrong list of prospects"',
  );
}
