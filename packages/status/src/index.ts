export type { Approval } from './approvals.ts';
export { type Briefing, briefing, isBriefed } from './briefing.ts';
export type { Condition } from './condition.ts';
export { dated } from './conditions.ts';
export { type DagTask, readDag, stepTitle, type TaskCondition } from './dag.ts';
export { isNotApproved, reasonOf, teamExitCode } from './exit-code.ts';
export { type Answer, answered, openGates } from './gates.ts';
export {
  eventOf,
  isFailed,
  isGateOpen,
  outputOf,
  podNameOf,
  type Step,
  type Steps,
  stepsOf,
  terminationMessage,
} from './nodes.ts';
export { type Gunzip, unpackNodes } from './packed-nodes.ts';
export { project, totalsOf, type WrittenTotals, writtenTotals } from './project.ts';
export { type WaitBriefing, waitBriefing } from './provider-waits.ts';
export { openQuestions, questionSentence, type StatusQuestion } from './questions.ts';
export { MOST_NODES, type Nodes, readNodes } from './read-nodes.ts';
export type { Ruling, Rulings } from './rulings.ts';
export { shouldStop } from './should-stop.ts';
export type { Reason, TeamPhase } from './team-phase.ts';
export { limitedGates, type WorkflowView, workflowView } from './workflow-view.ts';
