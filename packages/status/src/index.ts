export type { Approval } from './approvals.ts';
export { type Briefing, briefing, isBriefed } from './briefing.ts';
export type { Condition } from './condition.ts';
export { dated } from './conditions.ts';
export { type Answer, answered, eventOf, openGates } from './gates.ts';
export { cents } from './money.ts';
export {
  exitCodeOf,
  isFailed,
  isGateOpen,
  outputOf,
  podNameOf,
  type Step,
  type Steps,
  stepsOf,
} from './nodes.ts';
export { isNotApproved, type Outcome, outcome, reasonOf } from './outcome.ts';
export { project, totalsOf, totalTokens, type WrittenTotals, writtenTotals } from './project.ts';
export { type WaitBriefing, waitBriefing } from './provider-waits.ts';
export { MOST_NODES, type Nodes, readNodes } from './read-nodes.ts';
export type { Ruling, Rulings } from './rulings.ts';
export { limitedGates, type SeenWorkflow, seenWorkflow } from './seen-workflow.ts';
export { shouldStop } from './should-stop.ts';
export type { Reason, TeamPhase } from './verdict.ts';
