import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { decisionCommand } from './decide.ts';

export function command(context: Context): Command {
  return decisionCommand(
    context,
    'approve',
    'Approve a gate, so that the steps behind it start.',
    'approve q3-report spawn-email-drafter --reason "looks right"',
  );
}
