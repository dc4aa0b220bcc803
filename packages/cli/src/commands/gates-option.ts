import { Option } from 'commander';

const ANSWERS = ['ask', 'approve', 'wait'] as const;

/** How gates that open are answered: by keys of this terminal, at once, or from elsewhere. */
export type GateAnswer = (typeof ANSWERS)[number];

export function gatesOption(): Option {
  return new Option(
    '--gates <answer>',
    'open gates: ask on this terminal, approve, or wait for agentteam approve\n(default: ask on a terminal; else approve in a rehearsal, and wait in a real run)',
  ).choices(ANSWERS);
}
