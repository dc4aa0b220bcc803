import { Option } from 'commander';
import { GATE_ANSWERS } from '../../run/gate-answer.ts';

export function gatesOption(): Option {
  return new Option(
    '--gates <answer>',
    'open gates: ask on this terminal, approve, or wait for agentteam approve\n(default: ask on a terminal; else approve in a rehearsal, and wait in a real run)',
  ).choices(GATE_ANSWERS);
}
