import { DECISIONS } from '@agentteam/contract';
import { decide } from '../../src/index.ts';

/** Answers a gate from a process of its own: `decide-process.ts RUN-DIRECTORY STEP DECISION WHO`. */
const [root = '', step = '', answer, by = ''] = process.argv.slice(2);
const decision = DECISIONS.find((known) => known === answer);
if (decision === undefined) throw new Error(`${answer} is not a decision`);
decide(root, step, decision, { by });
