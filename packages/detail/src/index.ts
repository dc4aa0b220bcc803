export * from './agent-detail.ts';
export { checksIn } from './checks.ts';
export * from './detail.ts';
export { decided, eventsOf, latest } from './events.ts';
export { latestBoxes } from './latest-boxes.ts';
export { readMessages } from './mail.ts';
export {
  type Correspondence,
  correspondenceOf,
  type Message,
  type Received,
  type ReceivedAnswer,
} from './message.ts';
export { DetailReader, progressOf, readDetail } from './read-detail.ts';
export { type ResultBranches, readResultBranches } from './result-branches.ts';
export { resultDiffs } from './result-diffs.ts';
export { RESULT_GIT } from './result-git.ts';
export * from './results-detail.ts';
export { shownMessage } from './shown-names.ts';
export type { DetailSource, MemberSource } from './source.ts';
export * from './step-detail.ts';
export { agentOf, gateDetails, stepDetails, stepOfAgent } from './steps.ts';
export {
  readTranscript,
  type TranscriptOptions,
  type TranscriptPage,
} from './transcript.ts';
export type { TranscriptEntry, TranscriptKind } from './transcript-entry.ts';
export { VolumeReader, type VolumeSource } from './volume-reader.ts';
export type { AgentReading, VolumeReading } from './volume-reading.ts';
export { type TeamOfWorkflow, workflowSource } from './workflow-source.ts';
